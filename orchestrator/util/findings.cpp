#include "orchestrator/util/findings.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wsbench::util {

bool has_errors(const std::vector<Finding>& findings) noexcept {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.level == Finding::Level::error; });
}

std::string errors_of(const std::vector<Finding>& findings) {
  std::vector<std::string> errors;
  for (const auto& finding : findings)
    if (finding.level == Finding::Level::error) errors.push_back(finding.text);
  return fmt::format("{}", fmt::join(errors, ". "));
}

std::string render(const std::vector<Finding>& findings, bool colour) {
  std::string text;
  for (const auto& finding : findings) {
    const auto [word, code] = finding.level == Finding::Level::ok        ? std::pair("ok", "32")
                              : finding.level == Finding::Level::warning ? std::pair("warning", "33")
                                                                         : std::pair("error", "31");
    text += colour ? fmt::format("\033[{}m{:<8}\033[0m {}\n", code, word, finding.text)
                   : fmt::format("{:<8} {}\n", word, finding.text);
  }
  return text;
}

}  // namespace wsbench::util
