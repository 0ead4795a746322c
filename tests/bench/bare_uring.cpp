#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "client/transport/ring.hpp"
#include "tests/bench/bare_client.hpp"

// The least that a client on io_uring can do: one standing receive per connection, and the sends of a turn in
// the system call that waits for the next.

namespace wsbench::bench {

namespace {

using client::transport::Ring;
using event::Clock;
using event::Time;

class BareUring {
 public:
  explicit BareUring(const Task& task) : task_(task), load_(task), connections_(task.clients) {
    ring_.enable();
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_.sin_port = htons(task.port);
  }

  Cost run() {
    std::uint32_t begun = 0;
    while (open_ < task_.clients) {
      for (; begun < task_.clients && begun - open_ < kMostConnecting; ++begun) connect(begun);
      turn(std::chrono::seconds{5});
    }
    load_.begin(Clock::now());
    opening_ = false;
    if (load_.closed()) {
      for (std::uint32_t id = 0; id < task_.clients; ++id) send(id, kFrame, kFrameSize);
    }
    Time now = Clock::now();
    for (; !load_.over(now); now = Clock::now()) {
      load_.turn(now);
      turn(load_.closed() ? std::chrono::milliseconds{100}
                          : std::max(load_.next_due() - now, event::Duration::zero()));
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
  enum Request : std::uint64_t { kConnect, kReceive, kSend };

  static std::uint64_t tag(std::uint32_t id, Request request) { return std::uint64_t{id} << 2U | request; }

  void connect(std::uint32_t id) {
    const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file < 0) throw std::system_error(errno, std::system_category(), "socket");
    const int on = 1;
    ::setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_[id].file = file;
    io_uring_sqe& submission = ring_.submission();
    io_uring_prep_connect(&submission, file, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    io_uring_sqe_set_data64(&submission, tag(id, kConnect));
  }

  void send(std::uint32_t id, const char* bytes, std::size_t size) {
    io_uring_sqe& submission = ring_.submission();
    io_uring_prep_send(&submission, connections_[id].file, bytes, size, MSG_NOSIGNAL | MSG_WAITALL);
    submission.flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data64(&submission, tag(id, kSend));
  }

  void receive(std::uint32_t id) {
    io_uring_sqe& submission = ring_.submission();
    io_uring_prep_recv_multishot(&submission, connections_[id].file, nullptr, 0, 0);
    submission.flags |= IOSQE_BUFFER_SELECT;
    submission.buf_group = Ring::kBufferGroup;
    submission.ioprio |= IORING_RECVSEND_POLL_FIRST;
    io_uring_sqe_set_data64(&submission, tag(id, kReceive));
  }

  void turn(event::Duration limit) {
    ring_.submit_and_wait(1, limit);
    const Time now = Clock::now();
    const unsigned count = ring_.completions();
    for (unsigned i = 0; i < count; ++i) take(ring_.completion(i), now);
    ring_.give_back_completions(count);
  }

  void take(const io_uring_cqe& completion, Time now) {
    const auto id = static_cast<std::uint32_t>(completion.user_data >> 2U);
    const auto request = static_cast<Request>(completion.user_data & 3U);
    const bool is_starved = request == kReceive && completion.res == -ENOBUFS;
    if (!is_starved && (completion.res < 0 || (request == kReceive && completion.res == 0))) {
      throw std::system_error(-completion.res, std::system_category(), "io_uring request");
    }
    if (request == kConnect) {
      send(id, kRequest.data(), kRequest.size());
      receive(id);
    } else if (request == kReceive) {
      if (completion.res > 0) take_bytes(id, completion, now);
      if ((completion.flags & IORING_CQE_F_MORE) == 0) receive(id);
    }
  }

  void take_bytes(std::uint32_t id, const io_uring_cqe& completion, Time now) {
    const auto buffer = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
    const auto size = static_cast<std::size_t>(completion.res);
    if (opening_) {
      if (std::string_view(ring_.buffer(buffer), size).rfind(kAccepted, 0) != 0) {
        throw std::runtime_error("handshake");
      }
      ++open_;
    } else {
      Connection& connection = connections_[id];
      connection.bytes += static_cast<std::uint32_t>(size);
      for (; connection.bytes >= kEchoSize; connection.bytes -= kEchoSize) {
        load_.received(id, now);
        if (load_.closed()) send(id, kFrame, kFrameSize);
      }
    }
    ring_.give_back_buffer(buffer);
  }

  void send_due() {
    Time now = Clock::now();
    for (Time due = load_.next_due(); due <= now; due = load_.next_due(), now = Clock::now()) {
      load_.sent(due, now);
      send(load_.take_next(), kFrame, kFrameSize);
    }
  }

  const Task task_;
  BareLoad load_;
  std::vector<Connection> connections_;
  sockaddr_in address_{};
  Ring ring_;
  std::uint32_t open_ = 0;
  bool opening_ = true;
};

}  // namespace

Cost run_bare_uring(const Task& task) {
  return BareUring(task).run();
}

}  // namespace wsbench::bench
