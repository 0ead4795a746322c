#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "rpc/log_reader.hpp"

namespace wsbench::rpc {

/// Reads what can be read of a window that supervisord refuses. supervisord answers only windows that are
/// UTF-8 as a whole. So the window is halved, and each refused half again, many windows in one round trip.
/// Where both halves are refused, small windows across the cut show whether it split a character. Bytes that
/// never came are '?'. The number of round trips and the bytes of each are bounded, so of a window full of
/// binary bytes less is read than could be.
class LogRecovery {
 public:
  LogRecovery(LogSource& source, LogWindow window);

  Result<void> run();

  /// As many bytes as the window.
  const std::string& text() const { return text_; }

  /// How many bytes at the text's start or end never came, if a cut character can explain them; 0 if they are
  /// too many for one.
  std::size_t cut_at_start() const;
  std::size_t cut_at_end() const;

 private:
  /// The windows that a round asks for to read one segment: the whole, its halves, and some across the cut.
  struct Probes {
    LogWindow whole;
    std::int64_t middle = 0;
    std::size_t first = 0;  ///< the whole's index among the round's windows; the others follow
    std::vector<LogWindow> windows;
  };

  static Probes probes_of(LogWindow segment);
  Result<void> round();
  void settle(const Probes& probes, const std::vector<std::optional<std::string>>& answers);
  void place(LogWindow window, const std::string& text);
  void defer(LogWindow segment);

  LogSource& source_;
  const LogWindow window_;
  std::deque<LogWindow> segments_;  ///< still to be read, the larger ones first
  std::string text_;
  std::vector<bool> is_read_;
};

}  // namespace wsbench::rpc
