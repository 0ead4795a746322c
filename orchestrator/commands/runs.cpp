#include "store/runs.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <system_error>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands.hpp"
#include "orchestrator/documents.hpp"
#include "orchestrator/quantities.hpp"
#include "orchestrator/text_table.hpp"

// `wsbench runs`, `wsbench rm` and `wsbench prune`: the runs of a db_root.

namespace wsbench::orchestrator {

namespace {

namespace fs = std::filesystem;

/// A run as the list shows it.
struct Listed {
  store::RunDirectory directory;
  std::string state;  ///< "running", "complete", "incomplete", "not begun" or "unreadable"
  std::vector<std::string> contestants;
  std::size_t turns = 0, finished = 0;
  std::uint64_t bytes = 0;
};

std::uint64_t size_of(const fs::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code vanished;  // a run that is being written loses files
    const auto size = entry->is_regular_file(vanished) ? entry->file_size(vanished) : 0;
    if (!vanished) bytes += size;
  }
  return bytes;
}

Listed look_at(const store::RunDirectory& directory) {
  Listed listed{directory, "unreadable", {}, 0, 0, size_of(directory.path)};
  const auto run = store::Run::open(directory.path, store::Run::Access::read_only);
  if (!run) return listed;
  const auto suite = load_suite_result(**run);
  if (suite) {
    for (const auto& turn : suite->manifest.turns)
      if (std::find(listed.contestants.begin(), listed.contestants.end(), turn.contestant) ==
          listed.contestants.end())
        listed.contestants.push_back(turn.contestant);
    for (const auto& contestant : suite->contestants)
      listed.finished += static_cast<std::size_t>(
          std::count_if(contestant.rounds.begin(), contestant.rounds.end(),
                        [](const RoundResult& round) { return is_finished(round.state); }));
    listed.turns = suite->manifest.turns.size();
    listed.state = suite->complete ? "complete" : "incomplete";
  } else if (suite.error().kind == store::Error::Kind::not_found) {
    listed.state = "not begun";
  }
  if (store::is_being_written(directory.path)) listed.state = "running";
  return listed;
}

std::string text_of(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%FT%TZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

nlohmann::json json_of(const Listed& listed) {
  return {{"path", listed.directory.path.string()}, {"suite", listed.directory.suite},
          {"time", text_of(listed.directory.time)}, {"state", listed.state},
          {"contestants", listed.contestants},      {"turns", listed.turns},
          {"finished_turns", listed.finished},      {"bytes", listed.bytes}};
}

std::string table_of(const std::vector<Listed>& runs, bool bold) {
  using Align = TextTable::Align;
  TextTable table({{"run", Align::left},
                   {"when", Align::left},
                   {"state", Align::left},
                   {"turns", Align::right},
                   {"size", Align::right},
                   {"contestants", Align::left}});
  for (const Listed& run : runs)
    table.add({run.directory.path.filename().string(), text_of(run.directory.time), run.state,
               fmt::format("{}/{}", run.finished, run.turns), format_bytes(run.bytes),
               run.contestants.size() > 3 ? fmt::format("{} contestants", run.contestants.size())
                                          : fmt::format("{}", fmt::join(run.contestants, ", "))});
  return table.render(bold);
}

/// Asks on the terminal; without one there is nobody to ask.
bool is_confirmed(bool yes) {
  if (yes) return true;
  if (::isatty(STDIN_FILENO) == 0) {
    fmt::print(stderr, "wsbench: there is no terminal to ask on: give --yes to delete them\n");
    return false;
  }
  fmt::print("Delete? [y/N] ");
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "yes") return true;
  fmt::print(stderr, "wsbench: nothing was deleted\n");
  return false;
}

/// Tells, asks, deletes.
int remove_all(const std::vector<fs::path>& runs, bool yes) {
  std::uint64_t bytes = 0;
  for (const auto& run : runs) {
    const auto size = size_of(run);
    bytes += size;
    fmt::print("{}  {}\n", run.string(), format_bytes(size));
  }
  fmt::print("{} {} to delete, {}\n", runs.size(), runs.size() == 1 ? "run" : "runs", format_bytes(bytes));
  std::fflush(stdout);
  if (!is_confirmed(yes)) return kUsage;
  for (const auto& run : runs) {
    const auto removed = store::remove_run(run);
    if (removed) continue;
    fmt::print(stderr, "wsbench: {}\n", removed.error().message);
    return kInfrastructure;
  }
  return kSuccess;
}

/// Why a directory that was named is not to be deleted; empty when it may be.
std::string objection(const fs::path& directory) {
  std::error_code error;
  if (fs::is_symlink(directory, error))
    return fmt::format("{} is a symbolic link: name the run's own directory", directory.string());
  if (!store::is_run(directory)) return fmt::format("{} is no run's directory", directory.string());
  // Another program's database may look like ours; a run has a name or a manifest.
  const auto run = store::Run::open(directory, store::Run::Access::read_only);
  if (!store::is_run_name(directory) && (!run || !load_manifest(**run)))
    return fmt::format("{} holds a database, but not of a run", directory.string());
  if (store::is_being_written(directory)) return fmt::format("{} is being written", directory.string());
  return {};
}

}  // namespace

int runs_command(const RunsOptions& options) {
  const auto directories = store::list_runs(options.db_root);
  std::error_code error;
  if (!directories || !fs::is_directory(options.db_root, error)) {
    fmt::print(stderr, "wsbench: {}\n",
               directories ? fmt::format("there is no directory {}", options.db_root.string())
                           : directories.error().message);
    return kUsage;
  }
  std::vector<Listed> runs;
  std::transform(directories->begin(), directories->end(), std::back_inserter(runs), look_at);
  if (options.json) {
    auto document = nlohmann::json::array();
    for (const Listed& run : runs) document.push_back(json_of(run));
    fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (!runs.empty()) {
    fmt::print("{}", table_of(runs, ::isatty(STDOUT_FILENO) != 0));
  } else {
    fmt::print(stderr, "wsbench: there is no run in {}\n", options.db_root.string());
  }
  return kSuccess;
}

int rm_command(const RemoveOptions& options) {
  std::vector<fs::path> runs;
  for (const auto& given : options.runs) {
    auto directory = given;
    while (!directory.has_filename() && directory.has_relative_path()) directory = directory.parent_path();
    if (const auto why_not = objection(directory); !why_not.empty()) {
      fmt::print(stderr, "wsbench: {}; nothing was deleted\n", why_not);
      return kUsage;
    }
    if (std::find(runs.begin(), runs.end(), directory) == runs.end()) runs.push_back(directory);
  }
  return remove_all(runs, options.yes);
}

int prune_command(const PruneOptions& options) {
  auto runs = store::list_runs(options.db_root);
  if (runs && !runs->empty())
    if (const auto cleared = store::remove_leftovers(options.db_root); !cleared)
      runs = tl::unexpected(cleared.error());
  if (!runs) {
    fmt::print(stderr, "wsbench: {}\n", runs.error().message);
    return kInfrastructure;
  }
  if (!options.suite.empty())
    std::erase_if(*runs, [&](const store::RunDirectory& run) { return run.suite != options.suite; });
  std::vector<fs::path> doomed;
  for (std::size_t i = 0; i + options.keep < runs->size(); ++i) {
    const auto& path = (*runs)[i].path;
    std::error_code error;
    if (!fs::is_symlink(path, error) && !store::is_being_written(path)) doomed.push_back(path);
  }
  if (doomed.empty()) {
    fmt::print("nothing to delete: {} {} in {}\n", runs->size(), runs->size() == 1 ? "run" : "runs",
               options.db_root.string());
    return kSuccess;
  }
  return remove_all(doomed, options.yes);
}

}  // namespace wsbench::orchestrator
