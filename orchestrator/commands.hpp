#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/config.hpp"

// The subcommands: each takes its options, checked in form by command_line.cpp, prints what it has to say,
// and returns the exit code.

namespace wsbench::orchestrator {

enum ExitCode : int {
  kSuccess = 0,           ///< all contestants measured, all thresholds met
  kContestantFailed = 1,  ///< some contestant failed, was invalid, or missed a threshold
  kUsage = 2,             ///< the command line or the config is wrong
  kInfrastructure = 3,    ///< supervisord unreachable, disk full, ...
  kInterrupted = 130,
};

struct RunOptions {
  std::filesystem::path config;
  Overrides overrides;
  bool local = false;
  bool resume = false;
  bool json = false;
};
int run_command(const RunOptions& options, const std::stop_token& stop);

struct TestOptions {
  std::filesystem::path database;
  double seconds = 0;
  std::string host;
  std::uint16_t port = 0;
  std::uint32_t clients = 0;
  Overrides overrides;  ///< of the suite keys that shape a load
  bool json = false;
};
int test_command(const TestOptions& options, const std::stop_token& stop);

struct ExportOptions {
  std::filesystem::path run;
  std::filesystem::path out;             ///< empty: RUN/stats
  std::vector<std::string> contestants;  ///< empty: all
};
int stats_command(const ExportOptions& options);
int events_command(const ExportOptions& options);

struct ReportOptions {
  std::filesystem::path run;
  bool json = false;
};
int report_command(const ReportOptions& options);

/// Where the supervisord is that a command asks.
struct SupervisordOptions {
  std::string url = "http://127.0.0.1:9001";
  bool local = false;                     ///< one of wsbench's own, for the time of the command
  std::optional<rpc::Endpoint> endpoint;  ///< instead of the URL, where it is known already
};

struct ServersOptions {
  SupervisordOptions supervisord;
  bool json = false;
};
int servers_command(const ServersOptions& options);

struct TailOptions {
  SupervisordOptions supervisord;
  std::string name;
  bool stderr_log = false;
  bool follow = false;
  std::int64_t bytes = 1600;
};
int tail_command(const TailOptions& options, const std::stop_token& stop);

struct CheckOptions {
  std::filesystem::path config;
  Overrides overrides;
  bool local = false;
};
int check_command(const CheckOptions& options);

struct NullEchoOptions {
  std::uint16_t port = 8000;
};
int null_echo_command(const NullEchoOptions& options, const std::stop_token& stop);

}  // namespace wsbench::orchestrator
