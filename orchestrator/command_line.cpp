#include "orchestrator/command_line.hpp"

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include <CLI/CLI.hpp>

#include "orchestrator/commands.hpp"
#include "orchestrator/exports/moment.hpp"
#include "orchestrator/interrupt.hpp"
#include "orchestrator/version.hpp"

namespace wsbench::orchestrator {

namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 all contestants measured and thresholds met; 1 a contestant failed, was invalid or missed "
    "a threshold;\n"
    "2 the command line or the config is wrong; 3 the infrastructure failed (supervisord, disk); 130 "
    "interrupted.";

/// "--set key=value", as often as wanted.
void add_overrides(CLI::App& command, Overrides& overrides) {
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [&overrides](const std::vector<std::string>& pairs) {
            for (const auto& pair : pairs) {
              const auto equals = pair.find('=');
              if (equals == std::string::npos || equals == 0) {
                throw CLI::ValidationError("--set", "\"" + pair + "\" is not KEY=VALUE");
              }
              overrides.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
            }
          },
          "replace a key of the suite file, such as --set clients=50 or --set thresholds.latency_p99_ms=20")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_transport(CLI::App& command, Overrides& overrides) {
  command
      .add_option_function<std::string>(
          "--transport", [&overrides](const std::string& kind) { overrides.emplace_back("transport", kind); },
          "how the load's bytes are moved: io_uring, epoll, asio, or auto (io_uring if the kernel permits "
          "it)")
      ->check(CLI::IsMember({"auto", "io_uring", "epoll", "asio"}));
}

void add_supervisord(CLI::App& command, SupervisordOptions& options) {
  command.add_option("-s,--supervisord", options.url, "http://[user:password@]host:port or unix:///path")
      ->type_name("URL")
      ->capture_default_str();
}

void add_server(CLI::App& command, ServerOptions& options) {
  command
      .add_option(
          "--server", options.url,
          "the control server: http://[user:password@]host:port; $WSBENCH_SERVER, or http://127.0.0.1:9002")
      ->type_name("URL");
}

void add_run_argument(CLI::App& command, std::filesystem::path& run) {
  command.add_option("RUN", run, "a run's directory, or a db_root: its latest run")->required();
}

/// The enumerators from `first` to `last` by the names that rows give them.
template <typename Enum>
std::map<std::string, Enum> by_name(int first, int last) {
  std::map<std::string, Enum> names;
  for (int number = first; number <= last; ++number)
    names.emplace(name(static_cast<Enum>(number)), static_cast<Enum>(number));
  return names;
}

class CommandLine {
 public:
  explicit CommandLine(Interrupt& interrupt) : interrupt_(interrupt), stop_(interrupt.token()) {
    app_.set_version_flag("--version", std::string("wsbench ") + kVersion);
    app_.require_subcommand(1);
    app_.footer(kExitCodes);
    add_run();
    add_daemon();
    add_queue_commands();
    add_watching_commands();
    add_test();
    add_exports();
    add_runs_commands();
    add_supervisord_commands();
    add_check();
    add_conformance();
    add_null_echo();
  }

  int parse_and_run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? kSuccess : kUsage;
    }
    return chosen_();
  }

 private:
  CLI::App* command(const char* name, const char* description, std::function<int()> action) {
    auto* added = app_.add_subcommand(name, description);
    added->callback([this, action = std::move(action)] { chosen_ = action; });
    return added;
  }

  void add_run() {
    auto* run = command("run", "Run a suite in the foreground and print its ranked results",
                        [this] { return run_command(run_, stop_); });
    run->add_option("CONFIG", run_.config, "the suite file (JSON; see configs/suite.schema.json)")
        ->required();
    run->add_flag("--local", run_.local,
                  "start a supervisord on loopback for this suite, and end it with it");
    run->add_flag("--resume", run_.resume,
                  "go on with the suite's last run that is not complete, if there is one");
    run->add_flag("--json", run_.json, "print results.json instead of the tables");
    run->add_option(
           "--listen", run_.listen,
           "serve the dashboard and what `wsbench status` and supervisorctl ask for there while it runs")
        ->type_name("[ADDRESS:]PORT")
        ->expected(0, 1)
        ->default_str("127.0.0.1:9002");
    add_transport(*run, run_.overrides);
    add_overrides(*run, run_.overrides);
    run->footer(kExitCodes);
  }

  void add_daemon() {
    auto* daemon = command("daemon", "Take suites from a queue, one after another, and answer while they run",
                           [this] { return daemon_command(daemon_, interrupt_); });
    daemon->add_option("CONFIG", daemon_.config, "the daemon's file (JSON; see configs/daemon.schema.json)")
        ->required();
    add_overrides(*daemon, daemon_.overrides);
    daemon->footer(
        "SIGTERM and SIGINT end it in good order: the contestant that is measured is stopped, and its suite "
        "goes "
        "on when the\ndaemon is started again. SIGHUP opens log_file anew.");
  }

  void add_queue_commands() {
    auto* submit =
        command("submit", "Put a suite into a daemon's queue", [this] { return submit_command(submit_); });
    submit->add_option("CONFIG", submit_.config, "the suite file")->required();
    submit->add_flag("--local", submit_.local, "as for run --local, on the daemon's machine");
    submit->add_flag("--json", submit_.json, "print the job as JSON");
    add_overrides(*submit, submit_.overrides);
    add_server(*submit, submit_.server);

    auto* queue = command("queue", "List a daemon's suites: running, waiting, ended",
                          [this] { return queue_command(queue_); });
    queue->add_flag("--json", queue_.json, "as JSON");
    add_server(*queue, queue_.server);

    auto* cancel = command("cancel", "Cancel a suite, or skip one of its contestants",
                           [this] { return cancel_command(cancel_); });
    cancel->add_option("NAME", cancel_.name, "a suite, or suite:contestant")->required();
    add_server(*cancel, cancel_.server);

    auto* result = command("result", "Print the ranked tables of a daemon's run",
                           [this] { return result_command(result_); });
    result->add_option("RUN", result_.run,
                       "a run's name, or a suite's: its last one; the latest of all unless given");
    result->add_flag("--json", result_.json, "print its results.json instead");
    add_server(*result, result_.server);
  }

  void add_watching_commands() {
    auto* status = command("status", "Tell where each contestant of a daemon's suites is",
                           [this] { return status_command(status_); });
    status->add_option("NAME", status_.name, "only this suite, or suite:contestant");
    status->add_flag("--json", status_.json, "as JSON");
    add_server(*status, status_.server);

    auto* watch = command("watch", "Watch a daemon's suites live on the terminal; Ctrl-C ends",
                          [this] { return watch_command(watch_, stop_); });
    add_server(*watch, watch_.server);
  }

  void add_test() {
    auto* test = command("test", "Load one server once, without supervisord",
                         [this] { return test_command(test_, stop_); });
    test->add_option("DB_PATH", test_.database, "the run's new directory")->required();
    test->add_option("SECONDS", test_.seconds, "how long to measure")->required()->check(CLI::PositiveNumber);
    test->add_option("HOST", test_.host, "where the server is")->required();
    test->add_option("PORT", test_.port, "its port")->required()->check(CLI::Range(1, 65535));
    test->add_option("CLIENTS", test_.clients, "how many WebSocket clients")
        ->required()
        ->check(CLI::Range(1, 1000000));
    test->add_flag("--json", test_.json, "print results.json instead of the tables");
    add_transport(*test, test_.overrides);
    add_overrides(*test, test_.overrides);
  }

  void add_exports() {
    auto* report =
        command("report", "Print a run's ranked tables again", [this] { return report_command(report_); });
    add_run_argument(*report, report_.run);
    report->add_flag("--json", report_.json, "print results.json instead of the tables");

    add_export();
    add_events();
  }

  void add_export() {
    auto* files = command("export", "Write a run's tables as files, a folder per contestant",
                          [this] { return export_command(export_, stop_); });
    auto* stats = command("stats", "Write counts.csv, handshake_times.csv and message_latencies.csv",
                          [this] { return export_command(stats_, stop_); });
    stats_.tables = {"counts", "handshake_times", "message_latencies"};
    for (auto [subcommand, options] : {std::pair(files, &export_), std::pair(stats, &stats_)}) {
      add_run_argument(*subcommand, options->run);
      subcommand->add_option("CONTESTANT", options->contestants, "only these");
    }
    stats->add_option("-o,--out", stats_.out, "where to; RUN/stats unless given")->type_name("DIR");
    files
        ->add_option("-o,--out", export_.out,
                     "where to: a folder (RUN/stats unless given); or, for one table of one contestant, a "
                     "file whose name ends in a format, or - for the standard output")
        ->type_name("PATH");
    files
        ->add_option("-t,--table", export_.tables,
                     "only these: counts, handshake_times, message_latencies, events")
        ->check(CLI::IsMember({"counts", "handshake_times", "message_latencies", "events"}))
        ->allow_extra_args(false);
    files
        ->add_option("-f,--format", export_.format,
                     "csv, jsonl (JSON lines) or hlog (HDR interval log); .zst after it: compressed")
        ->check(CLI::IsMember({"csv", "jsonl", "hlog", "csv.zst", "jsonl.zst", "hlog.zst"}));
    auto* to =
        files->add_option("--to", export_.to,
                          "instead of files: all events into a table of ClickHouse, "
                          "clickhouse://[user[:password]@]host[:port]/database.table; the password may be in "
                          "$WSBENCH_CLICKHOUSE_PASSWORD");
    to->type_name("URL");
    for (const char* of_files : {"--out", "--table", "--format"}) to->excludes(files->get_option(of_files));
    files->add_flag("--create", export_.create, "make that table if it is not there")->needs(to);
    files->add_flag("--ddl", export_.ddl, "only print how that table is made")->needs(to);
    files->footer(
        "What is there already is replaced, each file once its successor is whole. docs/export.md has the "
        "columns.");
  }

  void add_events() {
    auto* events = command("events", "Print events of a run, in the order of time",
                           [this] { return events_command(events_, stop_); });
    add_run_argument(*events, events_.run);
    events->add_option("-c,--contestant,CONTESTANT", events_.contestants, "only these");
    events->add_option("--round", events_.round, "only this round; the first is 0");
    events->add_option("--phase", events_.phase, "only what was recorded in this phase of the load")
        ->transform(CLI::CheckedTransformer(by_name<event::Phase>(1, 5)));
    events->add_option("--kind", events_.kinds, "only these kinds, as the rows name them")
        ->transform(CLI::CheckedTransformer(by_name<event::Kind>(1, 7)))
        ->allow_extra_args(false);
    events->add_option("--client", events_.client, "only this client; the first is 0");
    for (auto [flag, text, what] : {std::tuple("--from", &events_.from, "from here on"),
                                    std::tuple("--to", &events_.to, "up to here, exclusive")})
      events
          ->add_option(flag, *text,
                       std::string(what) +
                           ": 10s, 1.5m, 250ms or -2s from the beginning of each round's measuring phase; or "
                           "a timestamp as the rows have it")
          ->type_name("TIME")
          ->check(CLI::Validator(
              [](const std::string& given) {
                return exports::parse_moment(given) ? "" : given + " is no time such as 10s";
              },
              ""));
    events->add_flag("--json", events_.json, "JSON lines instead of CSV");
  }

  void add_runs_commands() {
    auto* runs = command("runs", "List the runs in a db_root", [this] { return runs_command(runs_); });
    runs->add_option("DB_ROOT", runs_.db_root, "the folder of the runs")->required();
    runs->add_flag("--json", runs_.json, "as JSON");

    auto* rm = command("rm", "Delete runs, but none that is being written",
                       [this] { return rm_command(rm_, stop_); });
    rm->add_option("RUN", rm_.runs, "a run's own directory")->required();
    auto* prune =
        command("prune", "Delete all but the latest runs of a db_root, and none that is being written",
                [this] { return prune_command(prune_, stop_); });
    prune->add_option("DB_ROOT", prune_.db_root, "the folder of the runs")
        ->required()
        ->check(CLI::ExistingDirectory);
    prune->add_option("--keep", prune_.keep, "how many of the latest stay")
        ->required()
        ->check(CLI::Range(0, 1000000));
    prune->add_option("--suite", prune_.suite, "look only at this suite's runs");
    for (auto [subcommand, yes] : {std::pair(rm, &rm_.yes), std::pair(prune, &prune_.yes)})
      subcommand->add_flag("-y,--yes", *yes,
                           "delete without asking; must be given where there is no terminal");
  }

  void add_supervisord_commands() {
    auto* servers = command("servers", "List the contestants that a supervisord has",
                            [this] { return servers_command(servers_); });
    add_supervisord(*servers, servers_.supervisord);
    servers->add_flag("--local", servers_.supervisord.local,
                      "ask a supervisord of wsbench's own, started for this command");
    servers->add_flag("--json", servers_.json, "as JSON");

    auto* tail =
        command("tail", "Show the end of a contestant's log", [this] { return tail_command(tail_, stop_); });
    tail->add_option("NAME", tail_.name, "the contestant, or suite:contestant")->required();
    tail->add_option_function<std::string>(
            "CHANNEL", [this](const std::string& channel) { tail_.stderr_log = channel == "stderr"; },
            "stdout or stderr")
        ->check(CLI::IsMember({"stdout", "stderr"}));
    tail->add_flag("-f,--follow", tail_.follow, "go on showing what is added");
    tail->add_option("-n,--bytes", tail_.bytes, "how much of the end")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    tail->add_option("-s,--supervisord", tail_.supervisord, "ask this supervisord, and no control server")
        ->type_name("URL");
    add_server(*tail, tail_.server);
  }

  void add_check() {
    auto* check = command("check", "Find what would make a suite fail, before it runs", [this] {
      if (!check_.config.empty()) return check_command(check_);
      std::erase(check_contestants_.contestants, "");  // CLI11's word for the option without a name
      return check_contestants_command(check_contestants_, stop_);
    });
    auto* subject = check->add_option_group("What to check")->require_option(1);
    subject->add_option("CONFIG", check_.config, "the suite file");
    subject
        ->add_option("--contestants", check_contestants_.contestants,
                     "instead of a suite: what these contestants of competition/ lack; all without a name")
        ->type_name("[NAME...]")
        ->expected(0, -1);
    check->add_flag("--local", check_.local, "as for run --local");
    add_overrides(*check, check_.overrides);
  }

  void add_conformance() {
    auto* conformance = command("conformance", "Hold contestants to the rules of the competition",
                                [this] { return conformance_command(conformance_, stop_); });
    auto* subject = conformance->add_option_group("Which contestants")->require_option(1);
    subject->add_option("NAME", conformance_.contestants, "these");
    subject->add_flag("--all", every_contestant_, "every contestant that supervisord has");
    add_supervisord(*conformance, conformance_.supervisord);
    conformance->add_flag("--local", conformance_.supervisord.local,
                          "ask a supervisord of wsbench's own, started for this command");
    conformance
        ->add_option("--host", conformance_.host,
                     "where the contestants listen; supervisord's host unless given")
        ->type_name("HOST");
    conformance->add_option("--port", conformance_.port, "their port; with --local a free one is taken")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
    conformance->add_flag("--json", conformance_.json, "print JSON instead of the matrix");
    conformance->footer(
        "Exit codes: 0 every contestant that is installed keeps the rules, but for what its manifest "
        "expects;\n"
        "1 one does not; 2 the command line is wrong; 3 supervisord cannot be reached; 130 interrupted.");
  }

  void add_null_echo() {
    auto* null_echo =
        command("null-echo", "Serve the echo server that suites are calibrated against, on 127.0.0.1",
                [this] { return null_echo_command(null_echo_, stop_); });
    null_echo->add_option("--port", null_echo_.port, "where to listen")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
  }

  Interrupt& interrupt_;
  std::stop_token stop_;
  std::function<int()> chosen_;
  CLI::App app_{"wsbench: a WebSocket benchmark suite that keeps every event and ranks honestly", "wsbench"};
  RunOptions run_;
  DaemonOptions daemon_;
  SubmitOptions submit_;
  StatusOptions status_, queue_;
  CancelOptions cancel_;
  ResultOptions result_;
  WatchOptions watch_;
  TestOptions test_;
  ReportOptions report_;
  ExportOptions export_, stats_;
  EventsOptions events_;
  RunsOptions runs_;
  RemoveOptions rm_;
  PruneOptions prune_;
  ServersOptions servers_;
  TailOptions tail_;
  CheckOptions check_;
  CheckContestantsOptions check_contestants_;
  ConformanceOptions conformance_;
  bool every_contestant_ = false;  ///< which is what no name stands for, once one of the two was asked for
  NullEchoOptions null_echo_;
};

}  // namespace

int run_command_line(int argc, char** argv) {
  Interrupt interrupt;
  return CommandLine(interrupt).parse_and_run(argc, argv);
}

}  // namespace wsbench::orchestrator
