#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

#include <tl/expected.hpp>

namespace wsbench::bench {

/// A WebSocket echo server on bare epoll in a process of its own, on loopback: what a benchmark of clients
/// runs against. It echoes unfragmented frames of up to 16 KB, answers pings and closes, and keeps no state
/// but what it must. Ended by the destructor.
class EpollEcho {
 public:
  /// Forks; to be called before there are threads. `cpu`: where it runs; negative: anywhere. The error is an
  /// errno.
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
