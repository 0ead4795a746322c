#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "store/run.hpp"

namespace wsbench::orchestrator {

/// The run that a user means: the directory itself when it holds a run, else the latest run in it. The error
/// says what was looked for.
tl::expected<std::filesystem::path, std::string> resolve_run(const std::filesystem::path& given);

/// Opens the run that a user means for reading.
tl::expected<std::unique_ptr<store::Run>, std::string> open_run(const std::filesystem::path& given);

/// A new run's directory in db_root: "smoke-20261122T213000Z", of the next second that is not taken.
std::filesystem::path new_run_directory(const std::filesystem::path& db_root, const std::string& suite);

/// The suite's latest run in db_root, if its journal does not say that it ended; else empty.
tl::expected<std::filesystem::path, std::string> unfinished_run(const std::filesystem::path& db_root,
                                                                const std::string& suite);

}  // namespace wsbench::orchestrator
