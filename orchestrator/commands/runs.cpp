#include "orchestrator/commands/runs.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/results/run_documents.hpp"
#include "orchestrator/util/quantities.hpp"
#include "orchestrator/util/text_table.hpp"
#include "store/run/runs.hpp"

namespace wsbench::commands {

namespace fs = std::filesystem;

namespace {

/// A run as the list shows it.
struct Listed {
  store::RunDirectory directory;
  std::string state;  ///< "running", "complete", "incomplete", "not begun" or "unreadable"
  std::vector<std::string> contestants;
  std::size_t turns = 0, finished = 0;
  std::uint64_t bytes = 0;
};

Listed look_at(const store::RunDirectory& directory) {
  Listed listed{directory, "unreadable", {}, 0, 0, size_on_disk(directory.path)};
  const auto run = store::Run::open(directory.path, store::Run::Access::read_only);
  if (!run) return listed;
  const auto suite = results::read_suite_result(**run);
  if (suite) {
    for (const auto& turn : suite->manifest.turns)
      if (std::find(listed.contestants.begin(), listed.contestants.end(), turn.contestant) ==
          listed.contestants.end())
        listed.contestants.push_back(turn.contestant);
    for (const auto& contestant : suite->contestants)
      listed.finished += static_cast<std::size_t>(
          std::count_if(contestant.rounds.begin(), contestant.rounds.end(),
                        [](const results::RoundResult& round) { return is_finished(round.state); }));
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
  using Align = util::TextTable::Align;
  util::TextTable table({{"run", Align::left},
                         {"when", Align::left},
                         {"state", Align::left},
                         {"turns", Align::right},
                         {"size", Align::right},
                         {"contestants", Align::left}});
  for (const Listed& run : runs)
    table.add({run.directory.path.filename().string(), text_of(run.directory.time), run.state,
               fmt::format("{}/{}", run.finished, run.turns), util::format_bytes(run.bytes),
               run.contestants.size() > 3 ? fmt::format("{} contestants", run.contestants.size())
                                          : fmt::format("{}", fmt::join(run.contestants, ", "))});
  return table.render(bold);
}

}  // namespace

std::uint64_t size_on_disk(const fs::path& directory) {
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

int runs_command(const RunsOptions& options) {
  const auto directories = store::list_runs(options.db_root);
  std::error_code error;
  if (!directories || !fs::is_directory(options.db_root, error)) {
    return fail(kUsage, directories ? fmt::format("there is no directory {}", options.db_root.string())
                                    : directories.error().message);
  }
  std::vector<Listed> runs;
  std::transform(directories->begin(), directories->end(), std::back_inserter(runs), look_at);
  if (options.json) {
    auto document = nlohmann::json::array();
    for (const Listed& run : runs) document.push_back(json_of(run));
    print_json(document);
  } else if (!runs.empty()) {
    fmt::print("{}", table_of(runs, is_on_terminal()));
  } else {
    fmt::print(stderr, "wsbench: there is no suite's run in {}\n", options.db_root.string());
  }
  return kSuccess;
}

}  // namespace wsbench::commands
