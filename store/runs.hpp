#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "store/run.hpp"

// Where runs stand: one directory each under the suite's db_root, named by suite and time.

namespace wsbench::store {

/// Where in a run's directory its database is; beside it stand results.json and whatever else is made from
/// the run.
constexpr const char* kDatabase = "db";

/// Whether a run was begun in this directory.
bool is_run(const std::filesystem::path& directory) noexcept;

/// "<suite>-20261122T213000Z", in UTC.
std::filesystem::path run_directory_name(std::string_view suite, std::chrono::system_clock::time_point time);

struct RunDirectory {
  std::filesystem::path path;
  std::string suite;
  std::chrono::system_clock::time_point time;
};

/// The directories under db_root that are named like a run and hold a database, the oldest first; of the same
/// second, by path. None when db_root does not exist. Error io when it cannot be read.
Result<std::vector<RunDirectory>> list_runs(const std::filesystem::path& db_root);

}  // namespace wsbench::store
