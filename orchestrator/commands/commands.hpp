#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/config/suite_config.hpp"
#include "store/event/event.hpp"

// The subcommands: each takes its options, checked in form by command_line/, prints what it has to say,
// and returns the exit code.

namespace wsbench::machine {
class Interrupt;
}

namespace wsbench::commands {

enum ExitCode : int {
  kSuccess = 0,           ///< all contestants measured, all thresholds met
  kContestantFailed = 1,  ///< some contestant failed, was invalid, or missed a threshold
  kUsage = 2,             ///< the command line or the config is wrong
  kInfrastructure = 3,    ///< supervisord unreachable, disk full, ...
  kInterrupted = 130,
};

struct RunOptions {
  std::filesystem::path config;
  config::Overrides overrides;
  bool local = false;
  bool resume = false;
  bool json = false;
  std::string listen;  ///< serve the control server there while it runs: "127.0.0.1:9002"; empty: do not
};
int run_command(const RunOptions& options, const std::stop_token& stop);

struct TestOptions {
  std::filesystem::path database;
  double seconds = 0;
  std::string host;
  std::uint16_t port = 0;
  std::uint32_t clients = 0;
  config::Overrides overrides;  ///< of the suite keys that shape a load
  bool json = false;
};
int test_command(const TestOptions& options, const std::stop_token& stop);

/// A run's tables as files.
struct ExportOptions {
  std::filesystem::path run;
  std::vector<std::string> contestants;  ///< empty: all
  std::filesystem::path out;        ///< a directory, a file named by its format, or "-"; empty: RUN/stats
  std::vector<std::string> tables;  ///< by name; empty: all that the format can hold
  std::string format;               ///< "csv", "jsonl.zst", "hlog"; empty: as `out` is named, else csv
  std::string to;                   ///< instead of files: the URL of a ClickHouse table
  bool create = false;              ///< make that table if it is not there
  bool ddl = false;                 ///< only print how it is made
};
int export_command(const ExportOptions& options, const std::stop_token& stop);

/// A query: rows to the standard output.
struct EventsOptions {
  std::filesystem::path run;
  std::vector<std::string> contestants;  ///< empty: all
  std::optional<std::uint16_t> round;
  std::optional<event::Phase> phase;
  std::string from, to;  ///< as exports::parse_moment() takes them; empty: no limit
  std::optional<std::uint32_t> client;
  std::vector<event::Kind> kinds;  ///< empty: all
  bool json = false;               ///< JSON lines instead of CSV
};
int events_command(const EventsOptions& options, const std::stop_token& stop);

struct RunsOptions {
  std::filesystem::path db_root;
  bool json = false;
};
int runs_command(const RunsOptions& options);

struct RemoveOptions {
  std::vector<std::filesystem::path> runs;
  bool yes = false;  ///< do not ask
};
int rm_command(const RemoveOptions& options, const std::stop_token& stop);

struct PruneOptions {
  std::filesystem::path db_root;
  std::size_t keep = 0;
  std::string suite;  ///< only its runs; empty: all
  bool yes = false;
};
int prune_command(const PruneOptions& options, const std::stop_token& stop);

struct ReportOptions {
  std::filesystem::path run;
  bool json = false;
};
int report_command(const ReportOptions& options);

/// Where the supervisord is that a command asks.
struct SupervisordOptions {
  std::string url = "http://127.0.0.1:9001";
  bool local = false;                     ///< one of wsbench's own, for the time of the command
  std::uint16_t contestants_port = 8000;  ///< where the contestants of a local one listen
  std::optional<rpc::Endpoint> endpoint;  ///< instead of the URL, where it is known already
};

/// Which control server a command speaks to.
struct ControlServerOptions {
  std::string url;  ///< empty: $WSBENCH_SERVER, or http://127.0.0.1:9002
};

struct DaemonOptions {
  std::filesystem::path config;
  config::Overrides overrides;
};
int daemon_command(const DaemonOptions& options, machine::Interrupt& interrupt);

struct SubmitOptions {
  ControlServerOptions server;
  std::filesystem::path config;
  config::Overrides overrides;
  bool local = false;
  bool json = false;
};
int submit_command(const SubmitOptions& options);

struct StatusOptions {
  ControlServerOptions server;
  std::string name;  ///< a group or "group:contestant"; empty: all
  bool json = false;
};
int status_command(const StatusOptions& options);
int queue_command(const StatusOptions& options);

struct CancelOptions {
  ControlServerOptions server;
  std::string name;  ///< a group, or "group:contestant" to skip one
};
int cancel_command(const CancelOptions& options);

struct ResultOptions {
  ControlServerOptions server;
  std::string run;  ///< a run or a group; empty: the latest run
  bool json = false;
};
int result_command(const ResultOptions& options);

struct WatchOptions {
  ControlServerOptions server;
};
int watch_command(const WatchOptions& options, const std::stop_token& stop);

struct ServersOptions {
  SupervisordOptions supervisord;
  bool json = false;
};
int servers_command(const ServersOptions& options);

struct TailOptions {
  std::string supervisord;  ///< its URL; empty: ask the control server
  ControlServerOptions server;
  std::string name;  ///< "contestant", or "group:contestant" of a control server's
  bool stderr_log = false;
  bool follow = false;
  std::int64_t bytes = 1600;
};
int tail_command(const TailOptions& options, const std::stop_token& stop);

struct CheckOptions {
  std::filesystem::path config;
  config::Overrides overrides;
  bool local = false;
};
int check_command(const CheckOptions& options);

struct CheckContestantsOptions {
  std::vector<std::string> contestants;  ///< empty: all
};
int check_contestants_command(const CheckContestantsOptions& options, const std::stop_token& stop);

struct ConformanceOptions {
  SupervisordOptions supervisord;
  std::vector<std::string> contestants;  ///< empty: all
  std::string host;                      ///< where they listen; empty: on supervisord's machine
  std::uint16_t port = 8000;
  bool json = false;
};
int conformance_command(const ConformanceOptions& options, const std::stop_token& stop);

struct NullEchoOptions {
  std::uint16_t port = 8000;
};
int null_echo_command(const NullEchoOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
