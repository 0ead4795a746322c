#pragma once

#include <string>
#include <vector>

namespace wsbench::util {

/// What a check found.
struct Finding {
  enum class Level { ok, warning, error };
  Level level = Level::ok;
  std::string text;  ///< what was looked at and found; for errors also what to do
};

bool has_errors(const std::vector<Finding>& findings) noexcept;

/// The texts of the errors, in one line.
std::string errors_of(const std::vector<Finding>& findings);

/// "ok       5,064 open files needed, 20,000 allowed", a line each.
std::string render(const std::vector<Finding>& findings, bool colour);

}  // namespace wsbench::util
