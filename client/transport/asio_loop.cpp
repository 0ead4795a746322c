#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <asio/basic_stream_socket.hpp>
#include <asio/basic_waitable_timer.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <climits>

#include "client/transport/loop.hpp"

namespace wsbench::client::transport {

namespace {

// Not Asio's any_io_executor, whose every use is a virtual call and a reference count.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<event::Clock, asio::wait_traits<event::Clock>, Executor>;

/// A stream lives until its owner has let it go and the last of its operations has come back, which is what
/// the references count. They are counted without atomics: all of it happens in the loop's thread, or after
/// the loop.
class AsioStream final : public Stream {
 public:
  AsioStream(asio::io_context& context, Listener& listener) : socket_(context), listener_(&listener) {}

  void connect(const Address& peer, const Address* source) noexcept override;
  void read(char* buffer, std::size_t size) override;
  WriteResult write(const iovec* parts, std::size_t count) override;
  void close() noexcept override;

 private:
  /// What an operation under way holds.
  class Hold {
   public:
    explicit Hold(AsioStream& stream) noexcept : stream_(&stream) { ++stream.references_; }
    Hold(Hold&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (stream_ != nullptr) stream_->drop();
    }
    AsioStream& operator*() const noexcept { return *stream_; }

   private:
    AsioStream* stream_;
  };

  void release() noexcept override {
    close();
    drop();
  }
  void drop() noexcept {
    if (--references_ == 0) delete this;
  }

  int begin_connect(const Address& peer, const Address* source);
  void fail_connect(int error) noexcept;
  void write_rest() noexcept;
  void wait_writable();
  WriteResult write_now(const iovec* parts, std::size_t count);

  Socket socket_;
  Listener* listener_;            ///< null once closed
  std::vector<iovec> unwritten_;  ///< what write() could not take yet
  std::uint32_t references_ = 1;
  bool peer_ended_ = false;
};

void AsioStream::connect(const Address& peer, const Address* source) noexcept {
  int error = 0;
  try {
    error = begin_connect(peer, source);
  } catch (const std::exception&) {
    error = ENOMEM;
  }
  if (error != 0) fail_connect(error);
}

int AsioStream::begin_connect(const Address& peer, const Address* source) {
  const int file = ::socket(peer.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (file < 0) return errno;
  asio::error_code failed;
  socket_.assign(peer.family() == AF_INET ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), file, failed);
  if (failed) {
    ::close(file);
    return failed.value();
  }
  const int on = 1;
  ::setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source != nullptr) {
    // The port is chosen in connect(), where it need only differ for the same peer.
    ::setsockopt(file, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (::bind(file, source->get(), source->size) != 0) return errno;
  }
  Socket::endpoint_type endpoint;
  endpoint.resize(peer.size);
  std::memcpy(endpoint.data(), peer.get(), peer.size);
  socket_.async_connect(endpoint, [hold = Hold(*this)](asio::error_code error) {
    if (Listener* listener = (*hold).listener_) listener->on_connected(error.value());
  });
  return 0;
}

void AsioStream::fail_connect(int error) noexcept {
  asio::post(socket_.get_executor(), [hold = Hold(*this), error] {
    if (Listener* listener = (*hold).listener_) listener->on_connected(error);
  });
}

void AsioStream::read(char* buffer, std::size_t size) {
  socket_.async_read_some(asio::buffer(buffer, size),
                          [hold = Hold(*this)](asio::error_code error, std::size_t bytes) {
                            AsioStream& self = *hold;
                            if (error == asio::error::eof) {
                              error.clear();
                              self.peer_ended_ = true;
                            }
                            if (self.listener_ != nullptr) self.listener_->on_read(error.value(), bytes);
                          });
}

Stream::WriteResult AsioStream::write(const iovec* parts, std::size_t count) {
  const WriteResult result = write_now(parts, count);
  if (result.written == Written::later) wait_writable();
  return result;
}

/// One system call. What it leaves stands in unwritten_.
Stream::WriteResult AsioStream::write_now(const iovec* parts, std::size_t count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = std::min<std::size_t>(count, IOV_MAX);
  ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) return {Written::failed, errno};
    sent = 0;
  }
  auto left = static_cast<std::size_t>(sent);
  std::size_t first = 0;
  while (first < count && left >= parts[first].iov_len) left -= parts[first++].iov_len;
  if (first == count) return {};
  std::vector<iovec> rest(parts + first, parts + count);
  rest.front().iov_base = static_cast<char*>(rest.front().iov_base) + left;
  rest.front().iov_len -= left;
  unwritten_ = std::move(rest);
  return {Written::later, 0};
}

void AsioStream::wait_writable() {
  socket_.async_wait(Socket::wait_write, [hold = Hold(*this)](asio::error_code error) {
    AsioStream& self = *hold;
    if (self.listener_ == nullptr) return;
    if (error) {
      self.listener_->on_written(error.value());
    } else {
      self.write_rest();
    }
  });
}

void AsioStream::write_rest() noexcept {
  WriteResult result;
  try {
    const auto rest = std::move(unwritten_);
    unwritten_.clear();
    result = write(rest.data(), rest.size());
  } catch (const std::exception&) {
    result = {Written::failed, ENOMEM};
  }
  if (result.written != Written::later) listener_->on_written(result.error);
}

void AsioStream::close() noexcept {
  listener_ = nullptr;
  if (!socket_.is_open()) return;
  if (!peer_ended_) {
    const linger reset{1, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  asio::error_code ignored;  // The descriptor is gone in any case.
  socket_.close(ignored);
}

class AsioLoop final : public Loop {
 public:
  AsioLoop()
      // Posting from other threads is locked, the sockets, which only the loop's own thread uses, are not.
      : context_(ASIO_CONCURRENCY_HINT_UNSAFE_IO), timer_(context_), work_(context_.get_executor()) {}

  StreamPtr make_stream(Stream::Listener& listener) override {
    return StreamPtr(new AsioStream(context_, listener));
  }

  void post(std::function<void()> task) override { asio::post(context_, std::move(task)); }

  void wake_at(event::Time time) override {
    if (armed_ && wake_ <= time) return;
    armed_ = true;
    wake_ = time;
    timer_.expires_at(time);
    timer_.async_wait([this](asio::error_code error) {
      if (error) return;  // Armed anew for an earlier time.
      armed_ = false;
      on_wake_();
    });
  }

  void run(std::function<void()> on_wake) override {
    on_wake_ = std::move(on_wake);
    context_.run();
  }

  void stop() noexcept override { context_.stop(); }

 private:
  asio::io_context context_;
  Timer timer_;
  asio::executor_work_guard<Executor> work_;
  std::function<void()> on_wake_;
  event::Time wake_{};
  bool armed_ = false;
};

}  // namespace

std::unique_ptr<Loop> make_asio_loop() {
  return std::make_unique<AsioLoop>();
}

}  // namespace wsbench::client::transport
