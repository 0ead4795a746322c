#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/control/state/status.hpp"

namespace wsbench::control::state {

/// Why a request was refused.
struct Refusal {
  enum class Kind {
    not_found,       ///< no such group, contestant or run
    bad_config,      ///< `message` is the findings, a line each
    ended_already,   ///< cancel or skip of what is over
    active_already,  ///< again, of a suite that waits or runs
    not_here,        ///< a foreground run takes no other suites
    failed,          ///< the environment: supervisord does not answer, the disk is full
  };
  Kind kind = Kind::failed;
  std::string message;
};

struct Submission {
  std::string name;                                            ///< the suite's
  std::string config;                                          ///< a suite file's text
  std::vector<std::pair<std::string, std::string>> overrides;  ///< as --set has them
  bool local = false;
};

/// Whether the answer to a request waits for supervisord or a disk.
enum class Pace { at_once, takes_time };

enum class LogChannel { stdout_log, stderr_log };

/// A window of a log as supervisord's tail methods give it: the last bytes, the log's size, and whether there
/// was more before them.
struct LogWindow {
  std::string text;
  std::int64_t size = 0;
  bool overflow = false;
};

/// A run in db_root.
struct RunSummary {
  std::string run, suite;
  event::Time began{};
  bool complete = false;
  std::size_t contestants = 0;
  std::uint64_t bytes = 0;
};

/// Whoever runs the suites: the daemon, or `wsbench run --listen`. Thread-safe. What is said to take time may
/// block for seconds: call it from the task thread, never from the server's.
class Host {
 public:
  virtual ~Host() = default;

  virtual std::shared_ptr<const Status> status() const = 0;

  virtual tl::expected<std::uint64_t, Refusal> submit(
      const Submission& submission) = 0;  ///< takes time; the job's number
  virtual tl::expected<std::uint64_t, Refusal> again(std::string_view group) = 0;  ///< takes time
  virtual tl::expected<void, Refusal> cancel(std::string_view group) = 0;          ///< takes time
  virtual tl::expected<void, Refusal> skip(std::string_view group,
                                           std::string_view contestant) = 0;  ///< takes time
  /// Takes a skipped contestant in again whose turn has not come yet.
  virtual tl::expected<void, Refusal> unskip(std::string_view group, std::string_view contestant) = 0;
  virtual void shut_down() = 0;

  /// The daemon's own log: `offset` and `length` as supervisor.readLog has them.
  virtual std::string read_log(std::int64_t offset, std::int64_t length) const = 0;
  virtual LogWindow tail_log(std::int64_t offset, std::int64_t length) const = 0;
  /// A contestant's; takes time.
  virtual tl::expected<std::string, Refusal> read_contestant_log(std::string_view group,
                                                                 std::string_view contestant,
                                                                 LogChannel channel, std::int64_t offset,
                                                                 std::int64_t length) = 0;
  virtual tl::expected<LogWindow, Refusal> tail_contestant_log(std::string_view group,
                                                               std::string_view contestant,
                                                               LogChannel channel, std::int64_t offset,
                                                               std::int64_t length) = 0;

  virtual tl::expected<std::vector<RunSummary>, Refusal> runs() = 0;  ///< takes time; the latest first
  /// A run's results.json; `run` is a run's name or a group. Takes time.
  virtual tl::expected<std::string, Refusal> result(std::string_view run) = 0;
  /// Its tables, without colours. Takes time.
  virtual tl::expected<std::string, Refusal> report(std::string_view run) = 0;
};

}  // namespace wsbench::control::state
