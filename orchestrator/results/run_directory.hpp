#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "store/run/run.hpp"

namespace wsbench::results {

/// The run that a user means: the directory itself when it holds a run, else the latest run in it. The error
/// says what was looked for.
tl::expected<std::filesystem::path, std::string> resolve_run(const std::filesystem::path& given);

/// A new run's directory in db_root: "smoke-20261122T213000Z", of the next second that is not taken.
std::filesystem::path new_run_directory(const std::filesystem::path& db_root, const std::string& suite);

/// Where in a run's directory a supervisord of wsbench's own keeps its logs and its contestants'.
constexpr const char* kSupervisordFolder = "supervisord";

/// Whether a run's directory holds one that was begun: killed before its manifest was written, nothing was
/// measured in it. An error when that cannot be told (a run that cannot be read may well have been).
tl::expected<bool, std::string> was_begun(const std::filesystem::path& directory);

/// The suite's latest run in db_root, if its journal does not say that it ended; else empty.
tl::expected<std::filesystem::path, std::string> unfinished_run(const std::filesystem::path& db_root,
                                                                const std::string& suite);

}  // namespace wsbench::results
