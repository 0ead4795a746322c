#include "orchestrator/commands/remove.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/runs.hpp"
#include "orchestrator/results/run_documents.hpp"
#include "orchestrator/util/quantities.hpp"
#include "store/run/runs.hpp"

namespace wsbench::commands {

namespace fs = std::filesystem;

namespace {

/// What is in a directory with a database, which decides whether it may be deleted.
struct Content {
  enum class Kind {
    begun,       ///< a run with its manifest
    untouched,   ///< one whose start failed: its database is wholly empty
    foreign,     ///< another program's database, or a link to one: not ours to delete
    unreadable,  ///< there is no telling
  };
  Kind kind;
  std::string why_not;  ///< foreign and unreadable: said to the user

  bool may_be_deleted() const { return kind == Kind::begun || kind == Kind::untouched; }
};

Content content_of(const fs::path& directory) {
  using Kind = Content::Kind;
  std::error_code error;
  if (fs::is_symlink(directory / store::kDatabase, error))
    return {Kind::foreign, fmt::format("the database of {} is a symbolic link", directory.string())};
  const auto run = store::Run::open(directory, store::Run::Access::read_only);
  const auto unreadable = [](const store::Error& why) {
    return Content{Kind::unreadable, why.message + " If it is a run of yours, `rm -r` deletes it"};
  };
  if (!run) return unreadable(run.error());
  const auto manifest = results::read_manifest(**run);
  if (manifest) return {Kind::begun, {}};
  if (manifest.error().kind != store::Error::Kind::not_found) return unreadable(manifest.error());
  const auto untouched = store::is_untouched(directory);
  if (!untouched) return unreadable(untouched.error());
  if (*untouched) return {Kind::untouched, {}};
  return {Kind::foreign, fmt::format("{} holds a database, but not of a run", directory.string())};
}

/// Reads a line from the terminal; none when a stop is requested first.
std::optional<std::string> read_line(const std::stop_token& stop) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (!stop.stop_requested()) {
    if (::poll(&input, 1, 100) <= 0) continue;
    std::string line;
    std::getline(std::cin, line);
    if (stop.stop_requested()) break;
    return line;
  }
  return std::nullopt;
}

/// Asks on the terminal whether to delete; refuses without a terminal. Returns kSuccess for a yes.
int confirm(bool yes, const std::stop_token& stop) {
  if (yes) return kSuccess;
  if (::isatty(STDIN_FILENO) == 0)
    return fail(kUsage, "there is no terminal to ask on: give --yes to delete them");
  fmt::print("Delete? [y/N] ");
  std::fflush(stdout);
  const auto answer = read_line(stop);
  if (answer == "y" || answer == "yes") return kSuccess;
  return fail(answer ? kUsage : kInterrupted, "nothing was deleted");
}

/// What is to be deleted.
struct RunsToDelete {
  std::vector<fs::path> runs;
  std::vector<store::RunDirectory> leftovers;  ///< of removals that were cut short
};

void tell(const RunsToDelete& to_delete) {
  std::uint64_t bytes = 0;
  const auto line = [&bytes](const fs::path& path, const char* remark) {
    const auto size = size_on_disk(path);
    bytes += size;
    fmt::print("{}  {}{}\n", path.string(), util::format_bytes(size), remark);
  };
  for (const auto& leftover : to_delete.leftovers)
    line(leftover.path, ", the rest of a run that was deleted");
  for (const auto& run : to_delete.runs) line(run, "");
  fmt::print("{} {} to delete, {}\n", to_delete.runs.size(), to_delete.runs.size() == 1 ? "run" : "runs",
             util::format_bytes(bytes));
  std::fflush(stdout);
}

/// Lists the runs, asks, and deletes them.
int remove_all(const RunsToDelete& to_delete, bool yes, const std::stop_token& stop) {
  tell(to_delete);
  if (const int code = confirm(yes, stop); code != kSuccess) return code;
  std::vector<std::function<store::Result<void>()>> removals;
  for (const auto& leftover : to_delete.leftovers)
    removals.emplace_back([&leftover] { return store::remove_leftover(leftover); });
  for (const auto& run : to_delete.runs) removals.emplace_back([&run] { return store::remove_run(run); });
  for (std::size_t done = 0; done < removals.size(); ++done) {
    if (stop.stop_requested())
      return fail(kInterrupted, fmt::format("interrupted: {} of {} were deleted", done, removals.size()));
    if (const auto removed = removals[done](); !removed)
      return fail(kInfrastructure, removed.error().message);
  }
  return kSuccess;
}

/// Why a directory that the user named must not be deleted; empty when it may be.
std::string objection(const fs::path& directory) {
  std::error_code error;
  if (fs::is_symlink(directory, error))
    return fmt::format("{} is a symbolic link: name the run's own directory", directory.string());
  if (!store::is_run(directory)) return fmt::format("{} is no run's directory", directory.string());
  if (store::is_being_written(directory)) return fmt::format("{} is being written", directory.string());
  return content_of(directory).why_not;
}

/// All runs but the latest `keep`. A run whose start failed has nothing worth keeping, so it does not count
/// as one of the latest; a run that cannot be read counts, and is kept.
std::vector<fs::path> older_runs(const std::vector<store::RunDirectory>& runs, std::size_t keep) {
  std::vector<fs::path> older;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    const auto content = content_of(run->path);
    const bool counts = content.kind == Content::Kind::begun || content.kind == Content::Kind::unreadable;
    if (keep > 0) {
      if (counts) --keep;
      continue;
    }
    std::error_code error;
    if (fs::is_symlink(run->path, error) || store::is_being_written(run->path)) continue;
    if (content.may_be_deleted())
      older.push_back(run->path);
    else
      fmt::print(stderr, "wsbench: passed over: {}\n", content.why_not);
  }
  std::reverse(older.begin(), older.end());
  return older;
}

}  // namespace

int rm_command(const RemoveOptions& options, const std::stop_token& stop) {
  RunsToDelete to_delete;
  for (const auto& given : options.runs) {
    auto directory = given;
    while (!directory.has_filename() && directory.has_relative_path()) directory = directory.parent_path();
    if (const auto why_not = objection(directory); !why_not.empty())
      return fail(kUsage, why_not + "; nothing was deleted");
    if (std::find(to_delete.runs.begin(), to_delete.runs.end(), directory) == to_delete.runs.end())
      to_delete.runs.push_back(directory);
  }
  return remove_all(to_delete, options.yes, stop);
}

int prune_command(const PruneOptions& options, const std::stop_token& stop) {
  auto runs = store::list_runs(options.db_root);
  auto leftovers = store::list_leftovers(options.db_root);
  if (!runs || !leftovers) return fail(kInfrastructure, (runs ? leftovers.error() : runs.error()).message);
  const auto is_other = [&](const store::RunDirectory& run) {
    return !options.suite.empty() && run.suite != options.suite;
  };
  std::erase_if(*runs, is_other);
  // A locked one is being deleted at this moment.
  std::erase_if(*leftovers, [&](const store::RunDirectory& leftover) {
    return is_other(leftover) || store::is_being_written(leftover.path);
  });
  const RunsToDelete to_delete{older_runs(*runs, options.keep), std::move(*leftovers)};
  if (to_delete.runs.empty() && to_delete.leftovers.empty()) {
    fmt::print("nothing to delete: {} {} in {}\n", runs->size(), runs->size() == 1 ? "run" : "runs",
               options.db_root.string());
    return kSuccess;
  }
  return remove_all(to_delete, options.yes, stop);
}

}  // namespace wsbench::commands
