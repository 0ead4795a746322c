#pragma once

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "store/event/event.hpp"
#include "store/event/histogram.hpp"
#include "tests/bench/client_task.hpp"

// What the reference clients share: the bytes of a handshake and of a message, and how their cost is told.

namespace wsbench::bench {

inline constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
inline constexpr std::string_view kAccepted = "HTTP/1.1 101";
/// 20 bytes of text behind a mask of zeros, and the size of their echo.
inline constexpr char kFrame[] = "\x81\x94\0\0\0\0abcdefghijklmnopqrst";
inline constexpr std::size_t kFrameSize = sizeof kFrame - 1;
inline constexpr std::uint32_t kEchoSize = 22;

/// Connections that are being opened at the same time.
inline constexpr std::uint32_t kMostConnecting = 128;

inline event::Duration seconds(double value) {
  return std::chrono::duration_cast<event::Duration>(std::chrono::duration<double>(value));
}

inline double microseconds(event::Duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

struct CpuTime {
  event::Duration user{0};
  event::Duration kernel{0};
  event::Duration all() const { return user + kernel; }
  friend CpuTime operator-(const CpuTime& a, const CpuTime& b) {
    return {a.user - b.user, a.kernel - b.kernel};
  }
};

/// Has the connection reset when the process ends, as wsbench does: a thousand rounds would use up the ports
/// else.
inline void reset_at_exit(int file) {
  const linger now{1, 0};
  ::setsockopt(file, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/// Of the whole process so far.
inline CpuTime cpu_time() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return {of(used.ru_utime), of(used.ru_stime)};
}

inline double resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind("VmRSS:", 0) == 0) return std::stod(line.substr(6));
  }
  return 0;
}

inline double quantile(const event::Histogram& histogram, double q) {
  return microseconds(histogram.quantile(q).value_or(event::Duration{0}));
}

/// Messages of the reference clients: when each is due, and what came of it. Open loop: as of wsbench's
/// clients, each one's place in the second is random.
class BareLoad {
 public:
  explicit BareLoad(const Task& task) : task_(task), clients_(task.clients), places_(task.clients) {
    std::mt19937_64 random(1);
    std::uniform_int_distribution<event::Duration::rep> anywhere(0, task.interval.count() - 1);
    for (event::Duration& place : places_) place = event::Duration(anywhere(random));
    std::sort(places_.begin(), places_.end());
    base_kilobytes_ = resident_kilobytes();
    cpu_ = cpu_time();
  }

  bool closed() const { return task_.loop == Loop::closed; }
  bool over(event::Time now) const { return now >= end_; }

  /// All connections are open.
  void begin(event::Time now) {
    cost_.handshake_us = microseconds((cpu_time() - cpu_).all()) / task_.clients;
    measuring_ = now + seconds(task_.warm_up_seconds);
    end_ = measuring_ + seconds(task_.seconds);
    for (std::uint32_t i = 0; i < task_.clients; ++i) {
      clients_[i].due = closed() ? now : now + places_[i];
    }
    begin_ = now;
  }

  /// Once a turn: notices that measuring begins.
  void turn(event::Time now) {
    if (measures_ || now < measuring_) return;
    measures_ = true;
    cost_.kilobytes = (resident_kilobytes() - base_kilobytes_) / task_.clients;
    cpu_ = cpu_time();
  }

  /// Open loop: when the next message is due, and whose it is. The clients' turns come round.
  event::Time next_due() const {
    return begin_ + task_.interval * (next_ / task_.clients) + places_[next_ % task_.clients];
  }
  std::uint32_t take_next() { return static_cast<std::uint32_t>(next_++ % task_.clients); }
  void sent(event::Time due, event::Time now) {
    if (measures_) lag_.record(now - due);
  }

  /// An echo has come; closed loop: the client's next message is due now.
  void received(std::uint32_t id, event::Time now) {
    Client& client = clients_[id];
    if (measures_ && client.due >= measuring_) latency_.record(now - client.due);
    if (measures_) ++echoes_;
    client.due = closed() ? now : client.due + task_.interval;
  }

  Cost finish(event::Time now) {
    const CpuTime used = cpu_time() - cpu_;
    cost_.round_trip_us = microseconds(used.all()) / static_cast<double>(echoes_);
    cost_.kernel_share = microseconds(used.kernel) / microseconds(used.all());
    cost_.lag_p50_us = quantile(lag_, 0.5);
    cost_.lag_p99_us = quantile(lag_, 0.99);
    cost_.latency_p50_us = quantile(latency_, 0.5);
    cost_.latency_p99_us = quantile(latency_, 0.99);
    cost_.echoes_per_second = static_cast<double>(echoes_) / (microseconds(now - measuring_) / 1e6);
    return cost_;
  }

 private:
  struct Client {
    event::Time due{};  ///< of the message whose echo comes next
  };

  const Task task_;
  std::vector<Client> clients_;
  std::vector<event::Duration> places_;  ///< of the clients' messages within an interval, ascending
  double base_kilobytes_ = 0;
  CpuTime cpu_;
  Cost cost_;
  event::Time begin_{};
  event::Time measuring_{};
  event::Time end_{};
  bool measures_ = false;
  std::uint64_t next_ = 0;
  std::uint64_t echoes_ = 0;
  event::Histogram latency_;
  event::Histogram lag_;
};

}  // namespace wsbench::bench
