#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

namespace wsbench::daemon {

/// What systemd is told of this process (sd_notify); nothing where another starts it.
void tell_ready(const std::string& status);
void tell_stopping();
void tell_alive();

/// How often tell_alive() must be called; none when nobody watches.
std::optional<std::chrono::microseconds> watchdog_interval();

/// A file with this process's id in it, locked as long as the object lives, removed at its end.
class PidFile {
 public:
  /// The error says which process has it.
  static tl::expected<std::unique_ptr<PidFile>, std::string> make(const std::filesystem::path& file);
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

 private:
  PidFile(std::filesystem::path file, int descriptor);

  const std::filesystem::path file_;
  const int descriptor_;
};

}  // namespace wsbench::daemon
