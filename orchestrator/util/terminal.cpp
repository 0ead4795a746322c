#include "orchestrator/util/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace wsbench::util {

namespace {

/// A dumb one cannot take a line back.
bool can_redraw(std::FILE* out) {
  const char* const kind = std::getenv("TERM");
  return ::isatty(::fileno(out)) != 0 && kind != nullptr && std::string_view(kind) != "dumb";
}

}  // namespace

Screen screen_size(std::FILE* out) {
  winsize size{};
  if (::ioctl(::fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

StatusLine::StatusLine(std::FILE* out) : out_(out), is_on_terminal_(can_redraw(out)) {}

void StatusLine::show(std::string line) {
  if (!is_on_terminal_) return;
  // The last column stays free: a carriage return could not go back over a line that has wrapped.
  line.resize(std::min(line.size(), screen_size(out_).columns - 1));
  write("\r\033[K" + line);
  is_shown_ = true;
  shown_at_ = Clock::now();
}

void StatusLine::clear() {
  if (is_shown_) write("\r\033[K");
  is_shown_ = false;
}

void StatusLine::print(std::string_view line) {
  clear();
  write(std::string(line) + "\n");
}

void StatusLine::write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fflush(out_);
}

}  // namespace wsbench::util
