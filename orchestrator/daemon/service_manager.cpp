#include "orchestrator/daemon/service_manager.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace wsbench::daemon {

namespace {

// Failing to tell is no reason to end: there is nobody else to be told.
void tell(const std::string& state) {
  static_cast<void>(::sd_notify(0, state.c_str()));
}

std::string first_line(int descriptor) {
  std::array<char, 32> text{};
  const auto got = ::pread(descriptor, text.data(), text.size() - 1, 0);
  const std::string_view read(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  return std::string(read.substr(0, read.find('\n')));
}

}  // namespace

void tell_ready(const std::string& status) {
  tell("READY=1\nSTATUS=" + status);
}

void tell_stopping() {
  tell("STOPPING=1");
}

void tell_alive() {
  tell("WATCHDOG=1");
}

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t limit = 0;
  if (::sd_watchdog_enabled(0, &limit) <= 0) return std::nullopt;
  // systemd's own advice: twice as often as it asks for.
  return std::chrono::microseconds(limit / 2);
}

PidFile::PidFile(std::filesystem::path file, int descriptor)
    : file_(std::move(file)), descriptor_(descriptor) {}

tl::expected<std::unique_ptr<PidFile>, std::string> PidFile::make(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0)
    return tl::unexpected(
        fmt::format("pid_file {} cannot be written: {}", file.string(), std::strerror(errno)));
  std::unique_ptr<PidFile> made(new PidFile(file, descriptor));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const auto holder = first_line(descriptor);
    return tl::unexpected(
        fmt::format("pid_file {} is process {}'s, which still runs", file.string(), holder));
  }
  const auto text = fmt::format("{}\n", ::getpid());
  const auto size = static_cast<ssize_t>(text.size());
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, text.data(), text.size(), 0) != size)
    return tl::unexpected(
        fmt::format("pid_file {} cannot be written: {}", file.string(), std::strerror(errno)));
  return made;
}

PidFile::~PidFile() {
  // Not another's: only who holds the lock removes it.
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) ::unlink(file_.c_str());
  ::close(descriptor_);
}

}  // namespace wsbench::daemon
