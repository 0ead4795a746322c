#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "tests/bench/bare_client.hpp"

// The least that a client on epoll can do: edge triggered, one receive and one send a round trip.

namespace wsbench::bench {

namespace {

using event::Clock;
using event::Time;

class BareEpoll {
 public:
  explicit BareEpoll(const Task& task) : task_(task), load_(task), connections_(task.clients) {
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_.sin_port = htons(task.port);
  }

  Cost run() {
    open_all();
    load_.begin(Clock::now());
    if (load_.closed()) {
      for (const Connection& connection : connections_) send(connection.file);
    }
    Time now = Clock::now();
    for (; !load_.over(now); now = Clock::now()) {
      load_.turn(now);
      wait(load_.closed() ? std::chrono::milliseconds{100} : load_.next_due() - now,
           [this](std::uint32_t id) { read_echoes(id); });
      if (!load_.closed()) send_due();
    }
    const Cost cost = load_.finish(now);
    for (const Connection& connection : connections_) reset_at_exit(connection.file);
    return cost;
  }

 private:
  struct Connection {
    int file = -1;
    std::uint32_t bytes = 0;  ///< of an echo that is not whole
  };

  template <typename Visit>
  void wait(event::Duration limit, Visit&& visit) {
    limit = std::max(limit, event::Duration::zero());
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(limit);
    const timespec timeout{whole.count(), (limit - whole).count()};
    const int ready =
        ::epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
    for (int i = 0; i < ready; ++i) visit(events_[static_cast<std::size_t>(i)].data.u32);
  }

  void control(int operation, std::uint32_t id, std::uint32_t wanted) {
    epoll_event event{};
    event.events = wanted;
    event.data.u32 = id;
    ::epoll_ctl(epoll_, operation, connections_[id].file, &event);
  }

  void open_all() {
    std::uint32_t begun = 0;
    std::uint32_t open = 0;
    while (open < task_.clients) {
      for (; begun < task_.clients && begun - open < kMostConnecting; ++begun) connect(begun);
      wait(std::chrono::seconds{5}, [&](std::uint32_t id) { open += advance_handshake(id) ? 1 : 0; });
    }
  }

  void connect(std::uint32_t id) {
    const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file < 0) throw std::system_error(errno, std::system_category(), "socket");
    const int on = 1;
    ::setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_[id].file = file;
    ::connect(file, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    control(EPOLL_CTL_ADD, id, EPOLLOUT);
  }

  /// True when it is done.
  bool advance_handshake(std::uint32_t id) {
    Connection& connection = connections_[id];
    if (connection.bytes == 0) {
      connection.bytes = 1;
      if (::send(connection.file, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) fail("handshake");
      control(EPOLL_CTL_MOD, id, EPOLLIN | EPOLLET);
      return false;
    }
    std::array<char, 512> answer;
    const ssize_t got = ::recv(connection.file, answer.data(), answer.size(), 0);
    if (got <= 0 || std::string_view(answer.data(), static_cast<std::size_t>(got)).rfind(kAccepted, 0) != 0) {
      fail("handshake");
    }
    connection.bytes = 0;
    return true;
  }

  [[noreturn]] static void fail(const char* what) {
    throw std::system_error(errno, std::system_category(), what);
  }

  static void send(int file) {
    if (::send(file, kFrame, kFrameSize, MSG_NOSIGNAL) != static_cast<ssize_t>(kFrameSize)) fail("send");
  }

  void read_echoes(std::uint32_t id) {
    Connection& connection = connections_[id];
    std::array<char, 512> bytes;
    const ssize_t got = ::recv(connection.file, bytes.data(), bytes.size(), 0);
    if (got <= 0) fail("receive");
    const Time now = Clock::now();
    connection.bytes += static_cast<std::uint32_t>(got);
    for (; connection.bytes >= kEchoSize; connection.bytes -= kEchoSize) {
      load_.received(id, now);
      if (load_.closed()) send(connection.file);
    }
  }

  void send_due() {
    Time now = Clock::now();
    for (Time due = load_.next_due(); due <= now; due = load_.next_due(), now = Clock::now()) {
      load_.sent(due, now);
      send(connections_[load_.take_next()].file);
    }
  }

  const Task task_;
  BareLoad load_;
  std::vector<Connection> connections_;
  sockaddr_in address_{};
  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::array<epoll_event, 256> events_;
};

}  // namespace

Cost run_bare_epoll(const Task& task) {
  return BareEpoll(task).run();
}

}  // namespace wsbench::bench
