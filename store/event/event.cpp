#include "store/event/event.hpp"

namespace wsbench::event {

namespace {

Duration wall_clock_offset() noexcept {
  using std::chrono::duration_cast;
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const auto monotonic = std::chrono::steady_clock::now().time_since_epoch();
  return duration_cast<Duration>(wall) - duration_cast<Duration>(monotonic);
}

// Set before main, so that reading it costs no guard.
const Duration kOffset = wall_clock_offset();

}  // namespace

Clock::time_point Clock::now() noexcept {
  return time_point(
      std::chrono::duration_cast<duration>(std::chrono::steady_clock::now().time_since_epoch()) + kOffset);
}

std::chrono::nanoseconds Clock::monotonic(time_point time) noexcept {
  return time.time_since_epoch() - kOffset;
}

std::string_view name(Kind kind) noexcept {
  switch (kind) {
    case Kind::ws_init:
      return "ws_init";
    case Kind::ws_onopen:
      return "ws_onopen";
    case Kind::send_message:
      return "send_message";
    case Kind::recv_message:
      return "recv_message";
    case Kind::ws_onclose:
      return "ws_onclose";
    case Kind::exit:
      return "EXIT";
    case Kind::server:
      return "server";
    case Kind::duplicate_echo:
      return "duplicate_echo";
    case Kind::altered_echo:
      return "altered_echo";
    case Kind::foreign_message:
      return "foreign_message";
    case Kind::not_sent:
      return "not_sent";
    case Kind::phase_began:
      return "phase_began";
    case Kind::read_lag:
      return "read_lag";
    case Kind::instrument:
      return "instrument";
  }
  return "unknown";
}

std::string_view name(Phase phase) noexcept {
  switch (phase) {
    case Phase::ramp:
      return "ramp";
    case Phase::warm_up:
      return "warm_up";
    case Phase::measuring:
      return "measuring";
    case Phase::drain:
      return "drain";
    case Phase::closing:
      return "closing";
  }
  return "unknown";
}

std::string_view name(Reason reason) noexcept {
  switch (reason) {
    case Reason::completed:
      return "completed";
    case Reason::normal:
      return "normal";
    case Reason::connection_timeout:
      return "connection_timeout";
    case Reason::refused:
      return "refused";
    case Reason::reset:
      return "reset";
    case Reason::handshake_rejected:
      return "handshake_rejected";
    case Reason::protocol_error:
      return "protocol_error";
    case Reason::echo_mismatch:
      return "echo_mismatch";
    case Reason::unexpected_message:
      return "unexpected_message";
    case Reason::end_of_stream:
      return "end_of_stream";
    case Reason::unreachable:
      return "unreachable";
    case Reason::out_of_ports:
      return "out_of_ports";
    case Reason::out_of_files:
      return "out_of_files";
    case Reason::close_unanswered:
      return "close_unanswered";
    case Reason::other_error:
      return "other_error";
    case Reason::send_queue_full:
      return "send_queue_full";
    case Reason::stopped:
      return "stopped";
  }
  return "unknown";
}

std::string_view name(NotSent reason) noexcept {
  switch (reason) {
    case NotSent::not_connected:
      return "not_connected";
    case NotSent::ended:
      return "ended";
    case NotSent::stopped:
      return "stopped";
    case NotSent::send_queue_full:
      return "send_queue_full";
  }
  return "unknown";
}

std::string_view name(Metric metric) noexcept {
  switch (metric) {
    case Metric::rss_bytes:
      return "rss_bytes";
    case Metric::pss_bytes:
      return "pss_bytes";
    case Metric::cpu_nanoseconds:
      return "cpu_nanoseconds";
    case Metric::threads:
      return "threads";
    case Metric::files:
      return "files";
    case Metric::connections:
      return "connections";
    case Metric::processes:
      return "processes";
    case Metric::pid:
      return "pid";
    case Metric::run_queue_wait_nanoseconds:
      return "run_queue_wait_nanoseconds";
    case Metric::machine_steal_nanoseconds:
      return "machine_steal_nanoseconds";
    case Metric::machine_cpu_nanoseconds:
      return "machine_cpu_nanoseconds";
    case Metric::wall_clock_step_nanoseconds:
      return "wall_clock_step_nanoseconds";
  }
  return "unknown";
}

}  // namespace wsbench::event
