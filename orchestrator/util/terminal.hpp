#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace wsbench::util {

struct Screen {
  std::size_t columns = 80, rows = 24;
};

/// Of the terminal behind `out`; 80 x 24 where it does not tell.
Screen screen_size(std::FILE* out);

/// The line at the end of a terminal that shows what is being done, below the lines of what is done. Errors
/// of writing are ignored: a terminal that is gone must not end a measurement. Used from one thread; `out`
/// must outlive it.
class StatusLine {
 public:
  explicit StatusLine(std::FILE* out);
  ~StatusLine() { clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  /// Without a terminal, show() does nothing.
  bool is_on_terminal() const noexcept { return is_on_terminal_; }

  /// Shows `line`, cut to the terminal's width, in place of the last one.
  void show(std::string line);
  /// True about five times a second: often enough for figures that change all the time.
  bool is_due() const { return is_on_terminal_ && Clock::now() - shown_at_ >= kRedraw; }
  void clear();
  /// Prints a line that stays.
  void print(std::string_view line);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kRedraw{200};

  void write(std::string_view text);

  std::FILE* const out_;
  const bool is_on_terminal_;
  bool is_shown_ = false;
  Clock::time_point shown_at_{};
};

}  // namespace wsbench::util
