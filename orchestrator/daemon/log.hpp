#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "orchestrator/control/state/host.hpp"
#include "orchestrator/report/log_observer.hpp"

namespace wsbench::daemon {

/// The daemon's log: lines with their UTC time, to a file or to stderr, and the last of them in memory for
/// whoever asks. Offsets count bytes since this log was begun. Thread-safe.
class Log {
 public:
  static constexpr std::size_t kKept = 1U << 20U;  ///< bytes in memory

  /// To `file`, appended, or to stderr when it is empty.
  static tl::expected<std::unique_ptr<Log>, std::string> open(const std::filesystem::path& file);
  /// Nowhere but in memory.
  static std::unique_ptr<Log> in_memory();
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(report::Severity severity, std::string_view line);
  void info(std::string_view line) { write(report::Severity::info, line); }
  void warning(std::string_view line) { write(report::Severity::warning, line); }
  void error(std::string_view line) { write(report::Severity::error, line); }

  /// Opens the file anew: what rotates logs has moved the old one away. Goes on with the old one, and says
  /// so, when that fails.
  void reopen();

  /// As supervisor.readLog: offset -n with length 0 are the last n bytes, length 0 means to the end. What is
  /// not kept any more is left out.
  std::string read(std::int64_t offset, std::int64_t length) const;
  /// As supervisor.tailProcessStdoutLog: the last `length` bytes.
  control::state::LogWindow tail(std::int64_t offset, std::int64_t length) const;

 private:
  Log(std::filesystem::path file, std::FILE* out);
  std::string_view from(std::int64_t offset) const;  ///< precondition: mutex_ is held

  const std::filesystem::path file_;
  mutable std::mutex mutex_;  // guards what follows
  std::FILE* out_;            ///< null: nowhere
  std::string kept_;
  std::int64_t begin_ = 0;  ///< the offset of kept_'s first byte
};

}  // namespace wsbench::daemon
