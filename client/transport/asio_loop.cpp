#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <asio/basic_stream_socket.hpp>
#include <asio/basic_waitable_timer.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>

#include "client/transport/loop.hpp"
#include "client/transport/socket.hpp"

namespace wsbench::client::transport {

namespace {

// Not Asio's any_io_executor, whose every use is a virtual call and a reference count.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<event::Clock, asio::wait_traits<event::Clock>, Executor>;

constexpr std::size_t kAsioReadSize = 65536;

/// What the streams of a loop share.
struct Shared {
  asio::io_context& context;
  std::vector<char> buffer = std::vector<char>(kAsioReadSize);
  event::Time read_at{};
  ReadSampler stamped_reads{};
};

/// A stream lives until its owner has let it go and the last of its operations has come back, which is what
/// the references count. They are counted without atomics: all of it happens in the loop's thread, or after
/// the loop.
class AsioStream final : public Stream {
 public:
  AsioStream(Shared& shared, Listener& listener, Stamps stamps)
      : shared_(shared), socket_(shared.context), listener_(&listener), stamps_(stamps) {}

  void connect(const Address& peer, Source* source) noexcept override;
  void write(std::string_view bytes) override;
  std::size_t unsent() const noexcept override { return unsent_.size(); }
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

  int begin_connect(const Address& peer, Source* source);
  void on_connect(int error) noexcept;
  void wait_readable() noexcept;
  void read() noexcept;
  ssize_t receive() noexcept;
  void tell_lag() noexcept;
  void wait_writable();
  void write_unsent() noexcept;
  void end(int error) noexcept;
  template <typename Task>
  void later(Task task) noexcept;

  Shared& shared_;
  Socket socket_;
  Listener* listener_;  ///< null once closed, or once it was told of the end
  std::string unsent_;
  WriteError write_error_;
  std::uint32_t references_ = 1;
  const Stamps stamps_;
  bool peer_ended_ = false;
};

void AsioStream::connect(const Address& peer, Source* source) noexcept {
  int error = 0;
  try {
    error = begin_connect(peer, source);
  } catch (const std::exception&) {
    error = ENOMEM;
  }
  if (error != 0) later([error](AsioStream& self) { self.on_connect(error); });
}

int AsioStream::begin_connect(const Address& peer, Source* source) {
  const auto [file, error] = open_socket(peer, source, Blocking::no, stamps_);
  if (error != 0) return error;
  asio::error_code failed;
  socket_.assign(peer.family() == AF_INET ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), file, failed);
  if (failed) {
    ::close(file);
    return failed.value();
  }
  Socket::endpoint_type endpoint;
  endpoint.resize(peer.size);
  std::memcpy(endpoint.data(), peer.get(), peer.size);
  socket_.async_connect(
      endpoint, [hold = Hold(*this)](asio::error_code result) { (*hold).on_connect(result.value()); });
  return 0;
}

void AsioStream::on_connect(int error) noexcept {
  if (listener_ == nullptr) return;
  if (error != 0) {
    std::exchange(listener_, nullptr)->on_connected(error);
    return;
  }
  listener_->on_connected(0);
  wait_readable();
}

/// Runs `task` in the loop, unless the stream is closed by then.
template <typename Task>
void AsioStream::later(Task task) noexcept {
  asio::post(socket_.get_executor(), [hold = Hold(*this), task] {
    if ((*hold).listener_ != nullptr) task(*hold);
  });
}

void AsioStream::wait_readable() noexcept {
  if (listener_ == nullptr) return;
  socket_.async_wait(Socket::wait_read, [hold = Hold(*this)](asio::error_code error) {
    if (error) {
      (*hold).end(error.value());
    } else {
      (*hold).read();
    }
  });
}

void AsioStream::read() noexcept {
  if (listener_ == nullptr) return;
  shared_.read_at = event::Clock::now();
  const ssize_t got = receive();
  if (got > 0) {
    listener_->on_read(shared_.buffer.data(), static_cast<std::size_t>(got));
    if (stamps_ == Stamps::yes) tell_lag();
  } else if (got == 0) {
    peer_ended_ = true;
    end(write_error_.behind_end());
  } else if (errno != EAGAIN && errno != EINTR) {
    end(errno);
  }
  wait_readable();
}

ssize_t AsioStream::receive() noexcept {
  std::vector<char>& buffer = shared_.buffer;
  const int file = socket_.native_handle();
  if (stamps_ == Stamps::no) return ::recv(file, buffer.data(), buffer.size(), 0);
  return shared_.stamped_reads.receive(file, buffer.data(), buffer.size(), shared_.read_at);
}

void AsioStream::tell_lag() noexcept {
  if (listener_ == nullptr) return;
  if (const auto lag = shared_.stamped_reads.take(socket_.native_handle())) listener_->on_read_lag(*lag);
}

void AsioStream::write(std::string_view bytes) {
  if (!unsent_.empty()) {
    unsent_.append(bytes);
    return;
  }
  const SendResult result = send_now(socket_.native_handle(), bytes);
  if (result.error != 0) {
    if (write_error_.take(result.error)) later([=](AsioStream& self) { self.end(result.error); });
  } else if (result.sent < bytes.size()) {
    unsent_.assign(bytes.substr(result.sent));
    wait_writable();
  }
}

void AsioStream::wait_writable() {
  socket_.async_wait(Socket::wait_write, [hold = Hold(*this)](asio::error_code error) {
    if ((*hold).listener_ == nullptr) return;
    if (error) {
      (*hold).end(error.value());
    } else {
      (*hold).write_unsent();
    }
  });
}

void AsioStream::write_unsent() noexcept {
  const SendResult result = send_now(socket_.native_handle(), unsent_);
  unsent_.erase(0, result.error == 0 ? result.sent : unsent_.size());
  if (!unsent_.empty()) {
    wait_writable();
  } else if (result.error != 0 && write_error_.take(result.error)) {
    end(result.error);
  }
}

void AsioStream::end(int error) noexcept {
  if (listener_ != nullptr) std::exchange(listener_, nullptr)->on_ended(error);
}

void AsioStream::close() noexcept {
  listener_ = nullptr;
  if (!socket_.is_open()) return;
  if (!peer_ended_) reset_on_close(socket_.native_handle());
  asio::error_code ignored;  // The descriptor is gone in any case.
  socket_.close(ignored);
}

class AsioLoop final : public Loop {
 public:
  AsioLoop()
      // Posting from other threads is locked, the sockets, which only the loop's own thread uses, are not.
      : context_(ASIO_CONCURRENCY_HINT_UNSAFE_IO), timer_(context_), work_(context_.get_executor()) {}

  StreamPtr make_stream(Stream::Listener& listener, Stamps stamps) override {
    return StreamPtr(new AsioStream(shared_, listener, stamps));
  }

  void tell_reads(std::uint32_t one_in) noexcept override { shared_.stamped_reads.tell_one_in(one_in); }

  event::Time read_at() const noexcept override { return shared_.read_at; }

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
    context_.restart();
    context_.run();
  }

  void stop() noexcept override { context_.stop(); }

 private:
  asio::io_context context_;
  Shared shared_{context_};
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
