#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "tests/support/truth/log.hpp"

namespace wsbench::test::truth {

/// What the server waits for: a listening socket, its connections, and a time. wake() may be called from any
/// thread, the rest from one.
class Poller {
 public:
  static constexpr std::uint64_t kListener = ~std::uint64_t{0};  ///< its key

  /// Listens on 127.0.0.1. Port 0: one that is free. Throws std::system_error, as all of it does.
  explicit Poller(std::uint16_t port);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  std::uint16_t port() const noexcept { return port_; }

  /// The descriptor of a new connection, which does not block; none when nobody waits to be accepted.
  std::optional<int> accept() const;

  void add(int descriptor, std::uint64_t key) const;
  /// `output`: also waits for room to write.
  void change(int descriptor, std::uint64_t key, bool output) const;

  /// When waiting ends at the latest; Time::max(): never.
  void set_timer(Time time);

  /// What happened, by keys, until the next call. Nothing when the timer or wake() ended it.
  std::span<const epoll_event> wait();
  /// Waits for the timer or wake() alone.
  void wait_for_timer();

  void wake() const noexcept;

 private:
  void control(int operation, int descriptor, std::uint64_t key, std::uint32_t events) const;
  void read_timer();

  int listener_ = -1, epoll_ = -1, timer_ = -1, wake_ = -1;
  std::uint16_t port_ = 0;
  std::optional<Time> timer_set_;  ///< what it waits for
  std::array<epoll_event, 64> events_{};
};

}  // namespace wsbench::test::truth
