#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "rpc/log_reader.hpp"

namespace wsbench::rpc {

/// Reads what can be read of a window that supervisord won't decode. It answers only for windows that are
/// UTF-8 as a whole, so the window is halved, and the halves that it refuses again, level by level, many in
/// one round trip. Where both halves are refused, small windows across the cut tell whether it split a
/// character. Bytes that never came stand as '?'. Bounded in round trips and in what one of them brings;
/// a window full of binary bytes is left coarse.
class LogRecovery {
 public:
  LogRecovery(LogSource& source, LogWindow window);

  Result<void> run();

  /// As many bytes as the window.
  const std::string& text() const { return text_; }

  /// How many bytes at the text's start or end never came, if they can be the rest of one cut character;
  /// 0 if there are more.
  std::size_t cut_at_start() const;
  std::size_t cut_at_end() const;

 private:
  /// One segment's probes within a round: the whole, its halves, and windows across the cut between them.
  struct Probes {
    LogWindow whole;
    std::int64_t middle = 0;
    std::size_t first = 0;  ///< index of the whole's probe; the others follow
    std::vector<LogWindow> windows;
  };

  static Probes probes_of(LogWindow segment);
  Result<void> round();
  void settle(const Probes& probes, const std::vector<std::optional<std::string>>& answers);
  void place(LogWindow window, const std::string& text);
  void defer(LogWindow segment);

  LogSource& source_;
  const LogWindow window_;
  std::deque<LogWindow> segments_;  ///< not read yet, the larger ones first
  std::string text_;
  std::vector<bool> is_read_;
};

}  // namespace wsbench::rpc
