#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "orchestrator/util/terminal.hpp"

namespace wsbench::exports {

/// A progress bar, redrawn five times a second, if `out` is a terminal; else it draws nothing. Used from one
/// thread.
///
///   events.csv of go-gorilla  [########------------]  42 %
class ProgressBar {
 public:
  explicit ProgressBar(std::FILE* out) : line_(out) {}

  /// Begins a task of this many steps; 0: the number is not known.
  void begin(std::string title, std::uint64_t steps);
  void update(std::uint64_t step);
  /// Removes the bar, so that a line can be printed.
  void clear() { line_.clear(); }

 private:
  util::StatusLine line_;
  std::string title_;
  std::uint64_t steps_ = 0;
};

/// The bar as text.
std::string progress_line(const std::string& title, std::uint64_t step, std::uint64_t steps);

}  // namespace wsbench::exports
