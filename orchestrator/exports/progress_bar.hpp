#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace wsbench::exports {

/// A bar on a terminal, redrawn five times a second; on anything else nothing at all. Used from one thread.
///
///   events.csv of go-gorilla  [########------------]  42 %
class ProgressBar {
 public:
  explicit ProgressBar(std::FILE* out);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// What is done next, in so many steps (0: not known).
  void begin(std::string title, std::uint64_t steps);
  void at(std::uint64_t step);
  /// Takes the bar away, so that a line can be written.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kRedraw{200};

  std::FILE* const out_;
  const bool is_terminal_;
  std::string title_;
  std::uint64_t steps_ = 0;
  Clock::time_point drawn_{};
  bool shown_ = false;
};

/// The line of the bar: never wider than `width` columns.
std::string progress_line(const std::string& title, std::uint64_t step, std::uint64_t steps,
                          std::size_t width);

}  // namespace wsbench::exports
