#include "orchestrator/report/terminal_progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "orchestrator/util/quantities.hpp"

namespace wsbench::report {

using results::RoundResult;
using suite::Observer;
using suite::TurnView;

using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr auto kRedraw = std::chrono::milliseconds{200};
constexpr auto kPlainInterval = std::chrono::seconds{10};

std::string position(const TurnView& view) {
  const auto round = view.turn.round > 0 ? fmt::format(" (round {})", view.turn.round + 1) : "";
  return fmt::format("[{}/{}] {}{}", view.index + 1, view.total, view.turn.contestant, round);
}

results::Nanoseconds since(event::Time began) {
  return std::max(event::Clock::now() - began, results::Nanoseconds{0});
}

/// Where progress goes. A terminal that is gone or a pipe that nobody reads must not end a measurement:
/// errors are ignored.
class Output {
 public:
  explicit Output(std::FILE* out) : out_(out) {}
  std::FILE* file() const { return out_; }
  void put(const std::string& text) const {
    std::fputs(text.c_str(), out_);
    std::fflush(out_);
  }

 private:
  std::FILE* out_;
};

class TerminalProgress final : public Observer {
 public:
  explicit TerminalProgress(std::FILE* out) : out_(out) {}
  ~TerminalProgress() override { clear(); }

  void notice(std::string_view line) override { permanent(line); }

  void entered(const TurnView& view) override {
    draw(fmt::format("{} {}", position(view), name(view.state)));
  }

  void progressed(const TurnView& view, const client::Snapshot& snapshot) override {
    const auto now = SteadyClock::now();
    if (now - drawn_ < kRedraw) return;
    drawn_ = now;
    draw(status_line(view, snapshot));
  }

  void ended(const TurnView& view, const RoundResult& result) override {
    permanent(outcome_line(view, result));
  }

 private:
  void clear() {
    if (!shown_) return;
    out_.put("\r\033[K");
    shown_ = false;
  }

  void permanent(std::string_view line) {
    clear();
    out_.put(fmt::format("{}\n", line));
  }

  void draw(std::string line) {
    winsize size{};
    const bool known = ::ioctl(::fileno(out_.file()), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    const std::size_t width = known ? size.ws_col - 1U : 79U;
    // A line that wraps could not be taken back by a carriage return.
    if (line.size() > width) line.resize(width);
    out_.put("\r\033[K" + line);
    shown_ = true;
  }

  Output out_;
  SteadyClock::time_point drawn_{};
  bool shown_ = false;
};

class PlainProgress final : public Observer {
 public:
  explicit PlainProgress(std::FILE* out) : out_(out) {}

  void notice(std::string_view line) override { print(line); }

  void entered(const TurnView& view) override {
    print(fmt::format("{} {}", position(view), name(view.state)));
    printed_ = SteadyClock::now();
  }

  void progressed(const TurnView& view, const client::Snapshot& snapshot) override {
    const auto now = SteadyClock::now();
    if (now - printed_ < kPlainInterval) return;
    printed_ = now;
    print(status_line(view, snapshot));
  }

  void ended(const TurnView& view, const RoundResult& result) override { print(outcome_line(view, result)); }

 private:
  void print(std::string_view line) { out_.put(fmt::format("{}\n", line)); }

  Output out_;
  SteadyClock::time_point printed_{};
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
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  if (::isatty(::fileno(out)) != 0 && !dumb) return std::make_unique<TerminalProgress>(out);
  return std::make_unique<PlainProgress>(out);
}

}  // namespace wsbench::report
