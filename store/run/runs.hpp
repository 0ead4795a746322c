#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "store/run/run.hpp"

// Where runs stand: one directory each under the suite's db_root, named by suite and time.

namespace wsbench::store {

/// Where in a run's directory its database is; beside it stand results.json and whatever else is made from
/// the run.
constexpr const char* kDatabase = "db";

/// Whether a run was begun in this directory.
bool is_run(const std::filesystem::path& directory) noexcept;

/// Whether a directory is named as run_directory_name() does.
bool is_run_name(const std::filesystem::path& directory);

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

/// Whether a process has the run open for writing. Not to be asked of a run that this very process has open:
/// POSIX would let go of its lock.
bool is_being_written(const std::filesystem::path& directory) noexcept;

/// Whether nothing was ever written into a run's database: no document, no journal, no contestant, nor
/// anything else. Errors: not_found, corruption, io.
Result<bool> is_untouched(const std::filesystem::path& directory);

/// Deletes a run's directory with all that is in it. It is first given a name that is no run's
/// (".<name>.removed"), while its lock is held: whatever ends the process half-way leaves the run as it was,
/// or nothing that is taken for one. Errors: not_found (no run, or a symbolic link to one or to its
/// database), locked (it is being written), io.
Result<void> remove_run(const std::filesystem::path& directory);

/// What a remove_run() that was cut short has left in db_root: the directories as they are called now, with
/// suite and time of the run. In the order of list_runs(). Error io.
Result<std::vector<RunDirectory>> list_leftovers(const std::filesystem::path& db_root);

/// Deletes one of them. Error io.
Result<void> remove_leftover(const RunDirectory& leftover);

}  // namespace wsbench::store
