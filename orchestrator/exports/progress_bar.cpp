#include "orchestrator/exports/progress_bar.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace wsbench::exports {
namespace {

constexpr std::size_t kBarWidth = 30;

}  // namespace

std::string progress_line(const std::string& title, std::uint64_t step, std::uint64_t steps) {
  std::string line = title;
  if (steps > 0) {
    const double share = std::min(1.0, static_cast<double>(step) / static_cast<double>(steps));
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
    line += fmt::format("  [{:#<{}}{:-<{}}] {:3.0f} %", "", filled, "", kBarWidth - filled, 100 * share);
  }
  return line;
}

void ProgressBar::begin(std::string title, std::uint64_t steps) {
  title_ = std::move(title);
  steps_ = steps;
}

void ProgressBar::update(std::uint64_t step) {
  if (line_.is_due()) line_.show(progress_line(title_, step, steps_));
}

}  // namespace wsbench::exports
