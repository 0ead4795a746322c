#include "orchestrator/contestants/contestant.hpp"

#include <algorithm>
#include <cstddef>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "client/probe/probe.hpp"
#include "orchestrator/machine/ports.hpp"
#include "orchestrator/util/quantities.hpp"
#include "orchestrator/util/sleep.hpp"

namespace wsbench::contestants {

using results::Failure;
using results::FailureKind;

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr auto kPortFreeLimit = 5s;
/// The turn before has freed the port: whoever listens now does not belong to the suite, or is about to end.
constexpr auto kStrangerLimit = 1s;
/// supervisord may fail to answer fewer checks in a row than this.
constexpr int kUnansweredLimit = 5;
constexpr auto kStateInterval = 100ms;
constexpr std::int64_t kStderrTail = 4096;

FailureKind kind_of(event::Reason reason) {
  switch (reason) {
    case event::Reason::handshake_rejected:
      return FailureKind::handshake_rejected;
    case event::Reason::protocol_error:
      return FailureKind::protocol_error;
    case event::Reason::echo_mismatch:
    case event::Reason::unexpected_message:
      return FailureKind::echo_mismatch;
    default:
      return FailureKind::no_answer;
  }
}

Failure failure_of(FailureKind kind, std::string message, std::string spawn_error = {}) {
  return {kind, std::move(message), std::move(spawn_error), {}};
}

/// Why the contestant was not ready within the limit, told by the failure of the last attempt.
Failure not_ready(const client::ProbeFailure& last, const client::Target& target,
                  std::chrono::nanoseconds limit) {
  if (last.ending.reason == event::Reason::out_of_files ||
      last.ending.reason == event::Reason::out_of_ports) {
    return failure_of(FailureKind::client_exhausted, last.detail);
  }
  if (last.ending.reason == event::Reason::unreachable) {
    return failure_of(FailureKind::start_timeout,
                      fmt::format("{}:{} cannot be reached: {}", target.host, target.port, last.detail));
  }
  if (last.ending.reason == event::Reason::refused) {
    return failure_of(
        FailureKind::start_timeout,
        fmt::format("nobody listened on {}:{} within {} of its start (contestants take the port that "
                    "supervisord was started with)",
                    target.host, target.port, util::format_duration(limit)));
  }
  return failure_of(FailureKind::no_answer,
                    fmt::format("it listens on {}:{}, but {} after its start: {}", target.host, target.port,
                                util::format_duration(limit), last.detail));
}

}  // namespace

std::string message_of(const TurnError& error) {
  if (const auto* failure = std::get_if<Failure>(&error)) return failure->message;
  if (const auto* infrastructure = std::get_if<InfrastructureError>(&error)) return infrastructure->message;
  return "interrupted";
}

Contestant::Contestant(rpc::Supervisor& supervisor, std::string name, client::Target target,
                       std::stop_token stop)
    : supervisor_(supervisor), name_(std::move(name)), target_(std::move(target)), stop_(std::move(stop)) {}

TurnError Contestant::error_of(const rpc::Error& error) const {
  if (error.kind != rpc::Error::Kind::fault && error.kind != rpc::Error::Kind::malformed) {
    return InfrastructureError(error);
  }
  auto failure = failure_of(FailureKind::internal, error.message);
  if (error.is(rpc::FaultCode::bad_name)) {
    failure = failure_of(
        FailureKind::unknown_contestant,
        fmt::format("supervisord has no program \"{}\": `wsbench check` tells which was meant", name_));
  } else if (error.is(rpc::FaultCode::no_file) || error.is(rpc::FaultCode::not_executable)) {
    failure =
        failure_of(FailureKind::command_missing, fmt::format("its command is missing: {}", error.message));
  } else if (error.is(rpc::FaultCode::spawn_error)) {
    failure = failure_of(FailureKind::spawn_failed,
                         fmt::format("supervisord could not start it: {}", error.message));
  } else if (error.is(rpc::FaultCode::abnormal_termination)) {
    failure = failure_of(FailureKind::exited, fmt::format("it ended at once: {}", error.message));
  } else if (error.is(rpc::FaultCode::shutdown_state)) {
    return InfrastructureError("supervisord is shutting down");
  }
  return failure;
}

bool Contestant::wait_until_port_is_free(std::chrono::nanoseconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  auto pause = 2ms;
  while (machine::somebody_listens(target_.host, target_.port)) {
    if (SteadyClock::now() >= deadline) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, 50ms);
  }
  return true;
}

/// Remembers where stderr ends now: older output does not explain what goes wrong later.
void Contestant::begin_stderr() {
  if (const auto tail = supervisor_.tail_process_stderr_log(name_, 0, 0); tail) stderr_began_ = tail->offset;
}

tl::expected<void, TurnError> Contestant::clear_the_way() {
  const auto info = supervisor_.get_process_info(name_);
  if (!info) return tl::unexpected(error_of(info.error()));
  begin_stderr();
  if (rpc::is_up(info->state)) {
    if (auto stopped = stop(); !stopped) return stopped;
    begin_stderr();
  } else if (!wait_until_port_is_free(kStrangerLimit)) {
    return tl::unexpected(
        failure_of(FailureKind::port_taken,
                   fmt::format("something else already listens on {}:{}; end it, or choose another port",
                               target_.host, target_.port)));
  }
  return {};
}

tl::expected<void, TurnError> Contestant::check_started() {
  const auto info = supervisor_.get_process_info(name_);
  if (!info) return tl::unexpected(error_of(info.error()));
  if (info->state == rpc::ProcessState::running || info->state == rpc::ProcessState::starting) {
    pid_ = info->pid;
    return {};
  }
  return tl::unexpected(failure_of(
      FailureKind::exited,
      fmt::format("it ended before it served: {} {}{}", rpc::name(info->state), info->description,
                  info->exit_status != 0 ? fmt::format(", exit status {}", info->exit_status) : ""),
      info->spawn_error));
}

tl::expected<std::chrono::nanoseconds, TurnError> Contestant::start(
    std::chrono::nanoseconds limit, std::chrono::nanoseconds handshake_limit) {
  if (auto launched = launch(); !launched) return tl::unexpected(launched.error());
  return wait_until_ready(limit, handshake_limit);
}

tl::expected<void, TurnError> Contestant::launch() {
  launched_ = SteadyClock::now();
  pid_ = 0;
  const auto started = supervisor_.start_process(name_, false);
  if (!started) return tl::unexpected(error_of(started.error()));
  if (const auto info = supervisor_.get_process_info(name_); info) pid_ = info->pid;
  return {};
}

tl::expected<std::chrono::nanoseconds, TurnError> Contestant::wait_until_ready(
    std::chrono::nanoseconds limit, std::chrono::nanoseconds handshake_limit) {
  const auto deadline = launched_ + limit;
  auto next_state_check = launched_ + kStateInterval;
  auto pause = 2ms;
  for (;;) {
    // An echo that is asked for late in the start has as long as a handshake, at least.
    const std::chrono::nanoseconds left = deadline - SteadyClock::now();
    const auto echo_limit = std::clamp<std::chrono::nanoseconds>(
        left, std::min<std::chrono::nanoseconds>(handshake_limit, client::kEchoLimit), client::kEchoLimit);
    const auto answer = client::probe_echo(target_, handshake_limit, echo_limit, stop_);
    if (answer) {
      const auto took = SteadyClock::now() - launched_;
      if (auto alive = check_started(); !alive) return tl::unexpected(alive.error());
      return took;
    }
    if (stop_.stop_requested()) return tl::unexpected(Cancelled{});
    if (!answer.error().may_pass_later) {
      const auto& failure = answer.error();
      return tl::unexpected(failure_of(kind_of(failure.ending.reason), failure.detail));
    }
    const auto now = SteadyClock::now();
    if (now >= next_state_check) {
      if (auto alive = check_started(); !alive) return tl::unexpected(alive.error());
      next_state_check = now + kStateInterval;
    }
    if (now >= deadline) return tl::unexpected(not_ready(answer.error(), target_, limit));
    util::sleep_unless_stopped(stop_, pause);
    pause = std::min(pause * 2, 20ms);
  }
}

tl::expected<void, TurnError> Contestant::check_alive() {
  const auto info = supervisor_.get_process_info(name_);
  if (!info) {
    // One late or broken answer must not end a night's suite; the next check comes in a second.
    const bool passing = info.error().kind != rpc::Error::Kind::fault && ++unanswered_ < kUnansweredLimit;
    return passing ? tl::expected<void, TurnError>() : tl::unexpected(error_of(info.error()));
  }
  unanswered_ = 0;
  const bool up = info->state == rpc::ProcessState::running || info->state == rpc::ProcessState::starting;
  if (up && info->pid == pid_) return {};
  if (up) {
    return tl::unexpected(failure_of(
        FailureKind::died, fmt::format("its process changed under load: pid {} became {}", pid_, info->pid)));
  }
  return tl::unexpected(
      failure_of(FailureKind::died,
                 fmt::format("it ended under load: {} {}{}", rpc::name(info->state), info->description,
                             info->exit_status > 0 ? fmt::format(", exit status {}", info->exit_status) : ""),
                 info->spawn_error));
}

tl::expected<void, TurnError> Contestant::stop() {
  const auto began = SteadyClock::now();
  const auto stopped = supervisor_.stop_process(name_, true);
  stop_time_ += SteadyClock::now() - began;
  if (!stopped) {
    const auto& error = stopped.error();
    if (error.is(rpc::FaultCode::not_running)) return wait_while_stopping();
    if (error.kind == rpc::Error::Kind::timeout && supervisor_.get_state())
      return tl::unexpected(cannot_be_ended());
    return tl::unexpected(error_of(error));
  }
  if (!wait_until_port_is_free(kPortFreeLimit)) {
    return tl::unexpected(failure_of(
        FailureKind::port_taken,
        fmt::format("{}:{} was still served {} after it had been stopped: it left processes behind",
                    target_.host, target_.port, util::format_duration(kPortFreeLimit))));
  }
  return {};
}

Failure Contestant::cannot_be_ended() const {
  return failure_of(
      FailureKind::internal,
      fmt::format("supervisord cannot end {}: its process may be unkillable; see `supervisorctl status`",
                  name_));
}

tl::expected<void, TurnError> Contestant::wait_while_stopping() {
  // supervisord answers NOT_RUNNING for a process that it is already stopping for somebody else.
  const auto deadline = SteadyClock::now() + kPortFreeLimit;
  for (;;) {
    const auto info = supervisor_.get_process_info(name_);
    if (!info) return tl::unexpected(error_of(info.error()));
    if (info->state != rpc::ProcessState::stopping) return {};
    if (SteadyClock::now() >= deadline) return tl::unexpected(cannot_be_ended());
    std::this_thread::sleep_for(20ms);
  }
}

void Contestant::explain(Failure& failure) {
  if (failure.spawn_error.empty()) {
    if (const auto info = supervisor_.get_process_info(name_); info) failure.spawn_error = info->spawn_error;
  }
  const auto tail = supervisor_.tail_process_stderr_log(name_, stderr_began_, kStderrTail);
  if (!tail) return;
  // The tail may begin before this turn: keep only what was added since. A log that is smaller was rotated.
  const auto added = tail->offset >= stderr_began_ ? tail->offset - stderr_began_ : tail->offset;
  const auto kept = std::min<std::size_t>(tail->text.size(), static_cast<std::size_t>(added));
  failure.stderr_tail = tail->text.substr(tail->text.size() - kept);
}

}  // namespace wsbench::contestants
