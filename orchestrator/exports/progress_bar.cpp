#include "orchestrator/exports/progress_bar.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace wsbench::exports {
namespace {

constexpr std::size_t kBarWidth = 30;

std::size_t columns_of(std::FILE* terminal) {
  winsize size{};
  const bool known = ::ioctl(::fileno(terminal), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  // The last column stays free: a carriage return could not go back over a line that has wrapped.
  return known ? size.ws_col - 1U : 79U;
}

}  // namespace

std::string progress_line(const std::string& title, std::uint64_t step, std::uint64_t steps,
                          std::size_t width) {
  std::string line = title;
  if (steps > 0) {
    const double share = std::min(1.0, static_cast<double>(step) / static_cast<double>(steps));
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
    line += fmt::format("  [{:#<{}}{:-<{}}] {:3.0f} %", "", filled, "", kBarWidth - filled, 100 * share);
  }
  if (line.size() > width) line.resize(width);
  return line;
}

ProgressBar::ProgressBar(std::FILE* out) : out_(out), is_terminal_(::isatty(::fileno(out)) != 0) {}

void ProgressBar::begin(std::string title, std::uint64_t steps) {
  title_ = std::move(title);
  steps_ = steps;
}

void ProgressBar::update(std::uint64_t step) {
  if (!is_terminal_) return;
  const auto now = Clock::now();
  if (now - drawn_ < kRedraw) return;
  drawn_ = now;
  is_shown_ = true;
  std::fputs(("\r\033[K" + progress_line(title_, step, steps_, columns_of(out_))).c_str(), out_);
  std::fflush(out_);
}

void ProgressBar::clear() {
  if (!is_shown_) return;
  is_shown_ = false;
  std::fputs("\r\033[K", out_);
  std::fflush(out_);
}

}  // namespace wsbench::exports
