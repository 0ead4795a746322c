#include "orchestrator/report/terminal_progress.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "orchestrator/util/quantities.hpp"
#include "orchestrator/util/terminal.hpp"

namespace wsbench::report {

using results::RoundResult;
using suite::Observer;
using suite::TurnView;

using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr auto kPlainInterval = std::chrono::seconds{10};

std::string position(const TurnView& view) {
  const auto round = view.turn.round > 0 ? fmt::format(" (round {})", view.turn.round + 1) : "";
  return fmt::format("[{}/{}] {}{}", view.index + 1, view.total, view.turn.contestant, round);
}

results::Nanoseconds since(event::Time began) {
  return std::max(event::Clock::now() - began, results::Nanoseconds{0});
}

/// On a terminal one line that is redrawn; elsewhere a line now and then.
class TerminalProgress final : public Observer {
 public:
  explicit TerminalProgress(std::FILE* out) : line_(out) {}

  void notice(std::string_view line) override { line_.print(line); }

  void entered(const TurnView& view) override {
    const auto line = fmt::format("{} {}", position(view), name(view.state));
    if (line_.is_on_terminal()) return line_.show(line);
    line_.print(line);
    printed_ = SteadyClock::now();
  }

  void progressed(const TurnView& view, const client::Snapshot& snapshot) override {
    if (line_.is_due()) line_.show(status_line(view, snapshot));
    if (line_.is_on_terminal() || SteadyClock::now() - printed_ < kPlainInterval) return;
    printed_ = SteadyClock::now();
    line_.print(status_line(view, snapshot));
  }

  void ended(const TurnView& view, const RoundResult& result) override {
    line_.print(outcome_line(view, result));
  }

 private:
  util::StatusLine line_;
  SteadyClock::time_point printed_{};  ///< without a terminal
};

}  // namespace

std::string status_line(const TurnView& view, const client::Snapshot& snapshot) {
  const auto in_phase = since(snapshot.phase_began);
  std::string phase(event::name(snapshot.phase));
  if (snapshot.phase == event::Phase::measuring) {
    phase = fmt::format("measuring {} of {}", util::format_elapsed(std::min(in_phase, view.plan.measuring)),
                        util::format_elapsed(view.plan.measuring));
  }
  std::string line = fmt::format("{} {}, {} open", position(view), phase, util::format_count(snapshot.open));
  if (snapshot.phase == event::Phase::ramp)
    line += fmt::format(" of {}", util::format_count(view.plan.clients));
  if (snapshot.measured_received > 0) {
    const double seconds = std::max(std::chrono::duration<double>(in_phase).count(), 0.1);
    const auto p50 = snapshot.latency.quantile(0.5), p99 = snapshot.latency.quantile(0.99);
    if (snapshot.phase == event::Phase::measuring) {
      line += fmt::format(", {} msg/s", util::format_count(static_cast<std::uint64_t>(
                                            static_cast<double>(snapshot.measured_received) / seconds)));
    }
    if (p50 && p99)
      line += fmt::format(", p50 {}, p99 {}", util::format_duration(*p50), util::format_duration(*p99));
  }
  line += fmt::format(", left: contestant {}, suite {}", util::format_elapsed(view.turn_left),
                      util::format_elapsed(view.suite_left));
  return line;
}

std::string outcome_line(const TurnView& view, const RoundResult& result) {
  return fmt::format("{} {}", position(view), outcome(result));
}

std::unique_ptr<Observer> make_progress(std::FILE* out) {
  return std::make_unique<TerminalProgress>(out);
}

}  // namespace wsbench::report
