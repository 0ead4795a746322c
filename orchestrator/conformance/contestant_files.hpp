#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/util/findings.hpp"

// What belongs to a contestant in the folder of the competition: servers/NAME.ini and NAME/contestant.json.

namespace wsbench::conformance {

/// The names that an ini or a manifest stands for, sorted.
std::vector<std::string> contestants_in(const std::filesystem::path& competition);

/// Whether a name is {language}-{platform}[-more], in lower case, with -N at most at its end.
bool is_contestant_name(std::string_view name) noexcept;

/// Everything that its files lack or have wrong, each an error with what to do; nothing when all is well.
/// What can only be found by asking supervisord is not looked at.
std::vector<util::Finding> check_contestant_files(const std::filesystem::path& competition,
                                                  const std::string& name);

}  // namespace wsbench::conformance
