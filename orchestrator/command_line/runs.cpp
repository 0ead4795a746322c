#include "orchestrator/commands/runs.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <CLI/CLI.hpp>

#include "orchestrator/command_line/subcommands.hpp"
#include "orchestrator/commands/events.hpp"
#include "orchestrator/commands/export.hpp"
#include "orchestrator/commands/remove.hpp"
#include "orchestrator/commands/report.hpp"
#include "orchestrator/exports/moment.hpp"

namespace wsbench::command_line {

namespace {

void add_run_argument(CLI::App& command, std::filesystem::path& run) {
  command.add_option("RUN", run, "a run's directory, or a db_root: its latest run")->required();
}

/// Accepts the names of the enumerators from 1 to `last`, and turns them into numbers.
template <typename Enum>
CLI::Validator named(int last) {
  std::map<std::string, int> numbers;
  std::vector<std::string> names;
  for (int number = 1; number <= last; ++number) {
    if (name(static_cast<Enum>(number)) == "unknown") continue;
    names.emplace_back(name(static_cast<Enum>(number)));
    numbers.emplace(names.back(), number);
  }
  const auto all = CLI::detail::join(names, ", ");
  return CLI::Validator(
      [numbers, all](std::string& text) {
        const auto found = numbers.find(text);
        if (found == numbers.end()) return text + " is none of " + all;
        text = std::to_string(found->second);
        return std::string();
      },
      all);
}

void add_yes(CLI::App& command, bool& yes) {
  command.add_flag("-y,--yes", yes, "delete without asking; must be given where there is no terminal");
}

void add_report(const Subcommands& to) {
  auto [report, options] = to.add("report", "Print a run's ranked tables again", commands::report_command);
  add_run_argument(report, options.run);
  report.add_flag("--json", options.json, "print results.json instead of the tables");
}

void add_export(const Subcommands& to) {
  auto [files, options] =
      to.add("export", "Write a run's tables as files, a folder per contestant", commands::export_command);
  add_run_argument(files, options.run);
  files.add_option("CONTESTANT", options.contestants, "only these");
  files
      .add_option("-o,--out", options.out,
                  "where to: a folder (RUN/stats unless given); or, for one table of one contestant, a "
                  "file whose name ends in a format, or - for the standard output")
      ->type_name("PATH");
  files
      .add_option("-t,--table", options.tables,
                  "only these: counts, handshake_times, message_latencies, events")
      ->check(CLI::IsMember({"counts", "handshake_times", "message_latencies", "events"}))
      ->allow_extra_args(false);
  files
      .add_option("-f,--format", options.format,
                  "csv, jsonl (JSON lines) or hlog (HDR interval log); .zst after it: compressed")
      ->check(CLI::IsMember({"csv", "jsonl", "hlog", "csv.zst", "jsonl.zst", "hlog.zst"}));
  auto* database =
      files.add_option("--to", options.to,
                       "instead of files: all events into a table of ClickHouse, "
                       "clickhouse://[user[:password]@]host[:port]/database.table; the password may be in "
                       "$WSBENCH_CLICKHOUSE_PASSWORD");
  database->type_name("URL");
  for (const char* of_files : {"--out", "--table", "--format"})
    database->excludes(files.get_option(of_files));
  files.add_flag("--create", options.create, "make that table if it is not there")->needs(database);
  files.add_flag("--ddl", options.ddl, "only print how that table is made")->needs(database);
  files.footer(
      "What is there already is replaced, each file once its successor is whole. docs/export.md has the "
      "columns.");
}

void add_stats(const Subcommands& to) {
  auto [stats, options] = to.add("stats", "Write counts.csv, handshake_times.csv and message_latencies.csv",
                                 commands::export_command);
  options.tables = {"counts", "handshake_times", "message_latencies"};
  add_run_argument(stats, options.run);
  stats.add_option("CONTESTANT", options.contestants, "only these");
  stats.add_option("-o,--out", options.out, "where to; RUN/stats unless given")->type_name("DIR");
}

void add_events(const Subcommands& to) {
  auto [events, options] =
      to.add("events", "Print events of a run, in the order of time", commands::events_command);
  add_run_argument(events, options.run);
  events.add_option("-c,--contestant,CONTESTANT", options.contestants, "only these");
  events.add_option("--round", options.round, "only this round; the first is 0");
  events.add_option("--phase", options.phase, "only what was recorded in this phase of the load")
      ->type_name("PHASE")
      ->transform(named<event::Phase>(5));
  events.add_option("--kind", options.kinds, "only these kinds, as the rows name them")
      ->type_name("KIND")
      ->transform(named<event::Kind>(event::kKinds - 1))
      ->allow_extra_args(false);
  events.add_option("--client", options.client, "only this client; the first is 0");
  for (auto [flag, text, what] : {std::tuple("--from", &options.from, "only events from this time on"),
                                  std::tuple("--to", &options.to, "only events before this time")})
    events
        .add_option(flag, *text,
                    std::string(what) +
                        ": 10s, 1.5m, 250ms or -2s from the beginning of each round's measuring phase; or "
                        "a timestamp as the rows have it")
        ->type_name("TIME")
        ->check(CLI::Validator(
            [](const std::string& given) {
              return exports::parse_moment(given) ? "" : given + " is no time such as 10s";
            },
            ""));
  events.add_flag("--json", options.json, "JSON lines instead of CSV");
}

void add_runs(const Subcommands& to) {
  auto [runs, options] = to.add("runs", "List the runs in a db_root", commands::runs_command);
  runs.add_option("DB_ROOT", options.db_root, "the folder of the runs")->required();
  runs.add_flag("--json", options.json, "as JSON");
}

void add_rm(const Subcommands& to) {
  auto [rm, options] = to.add("rm", "Delete runs, but none that is being written", commands::rm_command);
  rm.add_option("RUN", options.runs, "a run's own directory")->required();
  add_yes(rm, options.yes);
}

void add_prune(const Subcommands& to) {
  auto [prune, options] =
      to.add("prune", "Delete all but the latest runs of a db_root, and none that is being written",
             commands::prune_command);
  prune.add_option("DB_ROOT", options.db_root, "the folder of the runs")
      ->required()
      ->check(CLI::ExistingDirectory);
  prune.add_option("--keep", options.keep, "how many of the latest stay")
      ->required()
      ->check(CLI::Range(0, 1000000));
  prune.add_option("--suite", options.suite, "only runs of this suite");
  add_yes(prune, options.yes);
}

}  // namespace

void add_run_commands(const Subcommands& to) {
  add_report(to);
  add_export(to);
  add_stats(to);
  add_events(to);
  add_runs(to);
  add_rm(to);
  add_prune(to);
}

}  // namespace wsbench::command_line
