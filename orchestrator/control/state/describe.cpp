#include "orchestrator/control/state/describe.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "orchestrator/results/round_result.hpp"
#include "orchestrator/util/quantities.hpp"

namespace wsbench::control::state {

using results::Nanoseconds;

using util::format_duration;

namespace {

std::string round_text(std::uint16_t round, std::uint16_t rounds) {
  return rounds > 1 ? fmt::format(", round {} of {}", round + 1, rounds) : "";
}

/// "34 of 60 s", what is over in whole seconds.
std::string progress_text(Nanoseconds elapsed, Nanoseconds planned) {
  const auto within = std::clamp(elapsed, Nanoseconds{0}, planned);
  return fmt::format("{} of {:g} s", std::chrono::floor<std::chrono::seconds>(within).count(),
                     std::chrono::duration<double>(planned).count());
}

std::string clients_text(const Live& live) {
  if (live.totals.open == live.requested) return fmt::format("{} clients", live.requested);
  return fmt::format("{} of {} clients", live.totals.open, live.requested);
}

std::string phase_text(const Live& live, std::uint16_t rounds, event::Time now) {
  const auto elapsed = now - live.totals.phase_began;
  const auto round = round_text(live.round, rounds);
  switch (live.totals.phase) {
    case event::Phase::ramp:
      return "connecting" + round;
    case event::Phase::warm_up:
      return fmt::format("warming up {}{}", progress_text(elapsed, live.warm_up), round);
    case event::Phase::measuring:
      return fmt::format("measuring {}{}", progress_text(elapsed, live.measuring), round);
    case event::Phase::drain:
      return "awaiting the last echoes" + round;
    case event::Phase::closing:
      return "closing" + round;
  }
  return "under load" + round;
}

}  // namespace

std::string describe_queued(std::size_t suites_before) {
  if (suites_before == 0) return "queued, next";
  return fmt::format("queued, {} suite{} before it", suites_before, suites_before == 1 ? "" : "s");
}

std::string describe_waiting(std::size_t position, std::size_t turns) {
  return fmt::format("waiting, {} of {}", position, turns);
}

std::string describe(results::TurnState state, std::uint16_t round, std::uint16_t rounds) {
  const auto words = state == results::TurnState::warm_up ? std::string_view("warming up") : name(state);
  return fmt::format("{}{}", words, round_text(round, rounds));
}

std::string describe(const Live& live, std::uint16_t rounds, event::Time now) {
  std::string text = fmt::format("{}, {}", phase_text(live, rounds, now), clients_text(live));
  const auto phase = live.totals.phase;
  const bool is_sending = phase == event::Phase::warm_up || phase == event::Phase::measuring;
  if (!is_sending || live.points.empty()) return text;
  const auto& last = live.points.back();
  text += fmt::format(", {:.0f} msg/s", last.received_rate);
  const auto p99 = phase == event::Phase::measuring ? live.totals.latency.quantile(0.99) : last.p99;
  if (p99) text += fmt::format(", p99 {}", util::format_duration(*p99));
  return text;
}

std::string describe(const results::RoundResult& result) {
  if (!result.failure) return results::outcome(result);
  return fmt::format("{}: {}", name(result.failure->kind), result.failure->message);
}

}  // namespace wsbench::control::state
