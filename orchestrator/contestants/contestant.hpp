#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>

#include <tl/expected.hpp>

#include "client/plan.hpp"
#include "orchestrator/results/turn.hpp"
#include "rpc/supervisor.hpp"

namespace wsbench::contestants {

/// supervisord or the disk does not answer: the suite cannot go on (exit code 3; the run can be resumed).
struct InfrastructureError {
  explicit InfrastructureError(std::string text) : message(std::move(text)) {}

  /// From the error of a lower room, such as rpc::Error or store::Error.
  template <typename Error>
  requires requires(const Error& error) { std::string(error.message); }
  explicit InfrastructureError(const Error& error) : message(error.message) {}

  std::string message;
};

/// The user wants the suite to end.
struct Cancelled {};

using TurnError = std::variant<results::Failure, InfrastructureError, Cancelled>;

/// A sentence for people.
std::string message_of(const TurnError& error);

/// One contestant's process, through supervisord: made ready, watched, stopped. Used from one thread; the
/// supervisor must outlive it.
class Contestant {
 public:
  Contestant(rpc::Supervisor& supervisor, std::string name, client::Target target, std::stop_token stop);

  /// Stops it if it is running, and checks that nobody listens on the port.
  tl::expected<void, TurnError> clear_the_way();

  /// launch() and wait_until_ready().
  tl::expected<std::chrono::nanoseconds, TurnError> start(std::chrono::nanoseconds limit,
                                                          std::chrono::nanoseconds handshake_limit);

  /// Has supervisord start it, without waiting.
  tl::expected<void, TurnError> launch();

  /// Waits until a handshake, which each time may take `handshake_limit`, and an echo succeed; the time since
  /// launch(), or why they did not within `limit` of it.
  tl::expected<std::chrono::nanoseconds, TurnError> wait_until_ready(
      std::chrono::nanoseconds limit, std::chrono::nanoseconds handshake_limit);

  /// The pid of the process that launch() started, which may have ended since; 0 when it ended before it
  /// could be asked for.
  int pid() const noexcept { return pid_; }

  /// An error when the process has ended or is another one than start() left running.
  tl::expected<void, TurnError> check_alive();

  /// Stops it and waits until its port is free. After an error nothing more can be done.
  tl::expected<void, TurnError> stop();

  /// Adds supervisord's spawn error and what was written to stderr since start().
  void explain(results::Failure& failure);

  /// The total time that supervisord has taken to stop it.
  std::chrono::nanoseconds stop_time() const noexcept { return stop_time_; }

 private:
  TurnError error_of(const rpc::Error& error) const;
  tl::expected<void, TurnError> check_started();
  results::Failure cannot_be_ended() const;
  tl::expected<void, TurnError> wait_while_stopping();
  bool wait_until_port_is_free(std::chrono::nanoseconds limit);
  void begin_stderr();

  rpc::Supervisor& supervisor_;
  const std::string name_;
  const client::Target target_;
  const std::stop_token stop_;
  std::chrono::nanoseconds stop_time_{0};
  std::chrono::steady_clock::time_point launched_;
  std::int64_t stderr_began_ = 0;
  int pid_ = 0;
  int unanswered_ = 0;
};

}  // namespace wsbench::contestants
