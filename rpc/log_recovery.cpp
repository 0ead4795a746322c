#include "rpc/log_recovery.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace wsbench::rpc {
namespace {

constexpr int kMaxRounds = 48;
constexpr std::size_t kSegmentsPerRound = 64;
constexpr std::int64_t kBytesPerRound = 8 << 20;
constexpr std::int64_t kLargestSegment = 1 << 20;
constexpr std::chrono::seconds kTimeLimit{20};

/// The most bytes of a UTF-8 character that a cut can leave.
constexpr std::size_t kLongestRest = 3;

}  // namespace

LogRecovery::LogRecovery(LogSource& source, LogWindow window)
    : source_(source),
      window_(window),
      text_(static_cast<std::size_t>(window.size()), '?'),
      is_read_(text_.size(), false) {
  for (std::int64_t begin = window.begin; begin < window.end; begin += kLargestSegment) {
    defer({begin, std::min(begin + kLargestSegment, window.end)});
  }
}

Result<void> LogRecovery::run() {
  const auto give_up = std::chrono::steady_clock::now() + kTimeLimit;
  for (int i = 0; i < kMaxRounds && !segments_.empty(); ++i) {
    if (std::chrono::steady_clock::now() > give_up) break;
    if (auto done = round(); !done) return done;
  }
  return {};
}

Result<void> LogRecovery::round() {
  std::vector<Probes> batch;
  std::vector<LogWindow> windows;
  std::int64_t bytes = 0;
  while (!segments_.empty() && batch.size() < kSegmentsPerRound && bytes < kBytesPerRound) {
    Probes probes = probes_of(segments_.front());
    segments_.pop_front();
    bytes += probes.whole.size();
    probes.first = windows.size();
    windows.insert(windows.end(), probes.windows.begin(), probes.windows.end());
    batch.push_back(std::move(probes));
  }
  const auto answers = source_.read_all(windows);
  if (!answers) return tl::unexpected(answers.error());
  for (const Probes& probes : batch) settle(probes, *answers);
  return {};
}

LogRecovery::Probes LogRecovery::probes_of(LogWindow segment) {
  Probes probes;
  probes.whole = segment;
  probes.middle = segment.begin + segment.size() / 2;
  probes.windows.push_back(segment);
  if (segment.size() == 1) return probes;
  probes.windows.push_back({segment.begin, probes.middle});
  probes.windows.push_back({probes.middle, segment.end});
  for (std::int64_t before = 1; before <= 3; ++before) {
    for (std::int64_t after = 1; before + after <= 4; ++after) {
      const LogWindow across{probes.middle - before, probes.middle + after};
      const bool is_inside = across.begin >= segment.begin && across.end <= segment.end;
      if (is_inside && across.size() < segment.size()) probes.windows.push_back(across);
    }
  }
  return probes;
}

void LogRecovery::settle(const Probes& probes, const std::vector<std::optional<std::string>>& answers) {
  const auto take = [&](std::size_t i) {
    const auto& answer = answers[probes.first + i];
    if (answer) place(probes.windows[i], *answer);
    return answer.has_value();
  };
  if (take(0) || probes.windows.size() == 1) return;
  const bool has_left = take(1);
  const bool has_right = take(2);
  if (has_left || has_right) {
    if (!has_left) defer(probes.windows[1]);
    if (!has_right) defer(probes.windows[2]);
    return;
  }
  for (std::size_t i = 3; i < probes.windows.size(); ++i) {
    if (!take(i)) continue;
    defer({probes.whole.begin, probes.windows[i].begin});
    defer({probes.windows[i].end, probes.whole.end});
    return;
  }
  defer(probes.windows[1]);
  defer(probes.windows[2]);
}

/// Takes also a text that is shorter than its window, because the log was rotated meanwhile.
void LogRecovery::place(LogWindow window, const std::string& text) {
  const auto begin = static_cast<std::size_t>(window.begin - window_.begin);
  const std::size_t size = std::min(text.size(), static_cast<std::size_t>(window.size()));
  std::copy_n(text.begin(), size, text_.begin() + static_cast<std::ptrdiff_t>(begin));
  std::fill_n(is_read_.begin() + static_cast<std::ptrdiff_t>(begin), size, true);
}

void LogRecovery::defer(LogWindow segment) {
  if (segment.size() > 0) segments_.push_back(segment);
}

std::size_t LogRecovery::cut_at_start() const {
  const auto first_read = std::find(is_read_.begin(), is_read_.end(), true);
  const auto missing = static_cast<std::size_t>(first_read - is_read_.begin());
  return missing <= kLongestRest ? missing : 0;
}

std::size_t LogRecovery::cut_at_end() const {
  const auto last_read = std::find(is_read_.rbegin(), is_read_.rend(), true);
  const auto missing = static_cast<std::size_t>(last_read - is_read_.rbegin());
  return missing <= kLongestRest ? missing : 0;
}

}  // namespace wsbench::rpc
