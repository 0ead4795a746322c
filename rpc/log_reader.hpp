#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rpc/error.hpp"
#include "rpc/supervisor_types.hpp"

namespace wsbench::rpc {

/// Bytes [begin, end) of a log.
struct LogWindow {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  std::int64_t size() const { return end - begin; }
};

/// One log of supervisord, as supervisord's methods give it.
class LogSource {
 public:
  virtual ~LogSource() = default;

  /// supervisord's read*Log. A window that is not UTF-8 as a whole is an error of kind http with status 500.
  virtual Result<std::string> read(std::int64_t offset, std::int64_t length) = 0;

  /// supervisord's tail*Log, with the same error.
  virtual Result<LogTail> tail(std::int64_t offset, std::int64_t length) = 0;

  /// Many non-empty windows in one round trip; a window that is not UTF-8 has no text.
  virtual Result<std::vector<std::optional<std::string>>> read_all(const std::vector<LogWindow>& windows) = 0;

  virtual Result<std::int64_t> size() = 0;
};

/// A window of the log; Supervisor's comment describes what it holds.
Result<std::string> read_log(LogSource& source, std::int64_t offset, std::int64_t length);

/// What was logged after the offset; Supervisor's comment describes what it holds.
Result<LogTail> tail_log(LogSource& source, std::int64_t offset, std::int64_t length);

/// A log's size by reads alone, for logs that have no tail: the main log, and those over 2 GiB. Searches for
/// the last byte, some sixteen probes a round trip; a size at or a little above the guess takes one or two.
Result<std::int64_t> search_log_size(LogSource& source, std::int64_t guess = 0);

}  // namespace wsbench::rpc
