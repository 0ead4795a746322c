#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

#include <tl/expected.hpp>

namespace wsbench::bench {

/// The null echo server (client/null_echo/null_echo.hpp) in a process of its own: what a benchmark of clients runs
/// against. Ended by the destructor.
class EpollEcho {
 public:
  /// Forks, and waits until it serves; to be called before there are threads. `cpu`: where it runs; negative:
  /// anywhere. The error is an errno.
  static tl::expected<EpollEcho, int> start(int cpu = -1);

  EpollEcho(EpollEcho&& other) noexcept;
  EpollEcho& operator=(EpollEcho&&) = delete;
  ~EpollEcho();

  std::uint16_t port() const noexcept { return port_; }

 private:
  EpollEcho(pid_t child, std::uint16_t port) noexcept : child_(child), port_(port) {}

  pid_t child_;
  std::uint16_t port_;
};

}  // namespace wsbench::bench
