#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

namespace wsbench::exports {

/// A progress bar, redrawn five times a second, if `out` is a terminal; else it draws nothing. Used from one
/// thread.
///
///   events.csv of go-gorilla  [########------------]  42 %
class ProgressBar {
 public:
  explicit ProgressBar(std::FILE* out);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Begins a task of this many steps; 0: the number is not known.
  void begin(std::string title, std::uint64_t steps);
  void update(std::uint64_t step);
  /// Removes the bar, so that a line can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kRedraw{200};

  std::FILE* const out_;
  const bool is_terminal_;
  std::string title_;
  std::uint64_t steps_ = 0;
  Clock::time_point drawn_{};
  bool is_shown_ = false;
};

/// The bar as text, at most `width` columns wide.
std::string progress_line(const std::string& title, std::uint64_t step, std::uint64_t steps,
                          std::size_t width);

}  // namespace wsbench::exports
