#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "client/transport/descriptor.hpp"
#include "client/transport/socket.hpp"
#include "client/transport/turning_loop.hpp"

// epoll, edge triggered: a socket is registered once and for all. Each readiness is read once, and a read
// that did not fill its buffer has drained the socket, so that no receive fails for want of data.

namespace wsbench::client::transport {

namespace {

/// What comes while they are dealt with is taken for older than it is: hence few.
constexpr std::size_t kEventsPerTurn = 32;
constexpr std::size_t kReadSize = 65536;

class EpollLoop;

class EpollStream final : public Stream {
 public:
  EpollStream(EpollLoop& loop, Listener& listener, Stamps stamps) noexcept
      : listener_(&listener), loop_(loop), stamps_(stamps) {}
  ~EpollStream() override { assert(file_ < 0); }

  void connect(const Address& peer, Source* source) noexcept override;
  void write(std::string_view bytes) override;
  std::size_t unsent() const noexcept override { return unsent_.size(); }
  void close() noexcept override;

  void on_ready(std::uint32_t events) noexcept;
  void tell_error() noexcept;
  bool can_be_deleted() const noexcept { return !error_is_due_; }

 private:
  void release() noexcept override;
  void finish_connect(std::uint32_t events) noexcept;
  void read(bool until_end) noexcept;
  ssize_t receive() noexcept;
  void tell_lag() noexcept;
  void write_unsent() noexcept;
  void fail_later(int error) noexcept;
  void end(int error) noexcept;

  Listener* listener_;  ///< null once closed, or once it was told of the end
  EpollLoop& loop_;
  std::string unsent_;
  int file_ = -1;
  int error_ = 0;
  WriteError write_error_;
  const Stamps stamps_;
  bool connecting_ = true;
  bool peer_ended_ = false;
  bool error_is_due_ = false;
};

/// The timer stays over all the waits before it is due: a limit to each wait would have the kernel set a
/// timer, and take it back, for every echo.
class EpollLoop final : public TurningLoop {
 public:
  EpollLoop() : buffer_(kReadSize) {
    watch_own(doorbell(), EPOLLIN, kDoorbell);
    watch_own(timer_.get(), EPOLLIN | EPOLLET, kTimer);  // It is never read, only set anew.
  }
  ~EpollLoop() override {
    failed_.clear();
    for (EpollStream* stream : released_) delete stream;
  }

  StreamPtr make_stream(Stream::Listener& listener, Stamps stamps) override {
    return StreamPtr(new EpollStream(*this, listener, stamps));
  }

  /// 0 or an errno.
  int watch(int file, EpollStream& stream) noexcept {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &stream;
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, file, &event) == 0 ? 0 : errno;
  }

  void tell_error_of(EpollStream& stream) { failed_.push_back(&stream); }
  void delete_later(EpollStream& stream) { released_.push_back(&stream); }
  std::vector<char>& buffer() noexcept { return buffer_; }
  using TurningLoop::mark_read;

 private:
  void turn(event::Time time) override {
    std::array<epoll_event, kEventsPerTurn> events;
    const int ready = wait(events, failed_.empty() ? time : event::Time{});
    mark_read();
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 == kDoorbell) {
        answer_doorbell();
      } else if (event.data.u64 == kTimer) {
        timer_due_ = event::Time::max();
      } else {
        static_cast<EpollStream*>(event.data.ptr)->on_ready(event.events);
      }
    }
    for (EpollStream* stream : std::exchange(failed_, {})) stream->tell_error();
    delete_released();
  }

  int wait(std::array<epoll_event, kEventsPerTurn>& events, event::Time time) noexcept {
    const bool waits = time > event::Clock::now();
    if (waits && time < timer_due_) set_timer(time);
    return ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), waits ? -1 : 0);
  }

  void set_timer(event::Time time) noexcept {
    const auto at = event::Clock::monotonic(timer_due_ = time);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const itimerspec once{{0, 0}, {seconds.count(), (at - seconds).count()}};
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &once, nullptr);
  }

  void watch_own(int file, std::uint32_t events, std::uint64_t mark) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = mark;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, file, &event) != 0)
      throw std::system_error(errno, std::system_category(), "epoll_ctl");
  }

  /// Not before the end of a turn, because its events may still name them.
  void delete_released() {
    std::size_t kept = 0;
    for (EpollStream* stream : released_) {
      if (stream->can_be_deleted()) {
        delete stream;
      } else {
        released_[kept++] = stream;
      }
    }
    released_.resize(kept);
  }

  static constexpr std::uint64_t kDoorbell = 0, kTimer = 1;  ///< no stream is at these addresses

  const Descriptor epoll_{::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"};
  const Descriptor timer_{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create"};
  event::Time timer_due_ = event::Time::max();  ///< max: it is not set
  std::vector<char> buffer_;
  std::vector<EpollStream*> failed_;    ///< whose error is told at the end of the turn
  std::vector<EpollStream*> released_;  ///< by their owners
};

void EpollStream::connect(const Address& peer, Source* source) noexcept {
  const auto [file, error] = open_socket(peer, source, Blocking::no, stamps_);
  if (error != 0) {
    fail_later(error);
    return;
  }
  file_ = file;
  if (::connect(file_, peer.get(), peer.size) != 0 && errno != EINPROGRESS) {
    fail_later(errno);
  } else if (const int unwatched = loop_.watch(file_, *this); unwatched != 0) {
    fail_later(unwatched);
  }
}

void EpollStream::fail_later(int error) noexcept {
  error_ = error;
  if (!std::exchange(error_is_due_, true)) loop_.tell_error_of(*this);
}

void EpollStream::tell_error() noexcept {
  error_is_due_ = false;
  if (listener_ == nullptr) return;
  if (std::exchange(connecting_, false)) {
    std::exchange(listener_, nullptr)->on_connected(error_);
  } else {
    end(error_);
  }
}

void EpollStream::on_ready(std::uint32_t events) noexcept {
  if (listener_ == nullptr || error_is_due_) return;
  if (connecting_) finish_connect(events);
  if (listener_ != nullptr && !unsent_.empty() && (events & EPOLLOUT) != 0) write_unsent();
  const bool ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (listener_ == nullptr || (!ends && (events & EPOLLIN) == 0)) return;
  const event::Time of_this_turn = loop_.read_at();
  read(ends);
  loop_.mark_read(of_this_turn);
}

void EpollStream::finish_connect(std::uint32_t events) noexcept {
  connecting_ = false;
  int error = 0;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    socklen_t size = sizeof error;
    ::getsockopt(file_, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error != 0) {
    std::exchange(listener_, nullptr)->on_connected(error);
  } else {
    listener_->on_connected(0);
  }
}

void EpollStream::read(bool until_end) noexcept {
  std::vector<char>& buffer = loop_.buffer();
  for (;;) {
    const ssize_t got = receive();
    if (got > 0) {
      listener_->on_read(buffer.data(), static_cast<std::size_t>(got));
      if (stamps_ == Stamps::yes) tell_lag();
      const bool drained = static_cast<std::size_t>(got) < buffer.size() && !until_end;
      if (listener_ == nullptr || drained) return;
      loop_.mark_read();  // What is read from now on may have come after the turn began.
    } else if (got == 0) {
      peer_ended_ = true;
      return end(write_error_.behind_end());
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      return end(errno);
    }
  }
}

ssize_t EpollStream::receive() noexcept {
  std::vector<char>& buffer = loop_.buffer();
  if (stamps_ == Stamps::yes)
    return loop_.stamped_reads().receive(file_, buffer.data(), buffer.size(), loop_.read_at());
  return ::recv(file_, buffer.data(), buffer.size(), 0);
}

void EpollStream::tell_lag() noexcept {
  const auto lag = listener_ == nullptr ? std::nullopt : loop_.stamped_reads().take(file_);
  if (lag) listener_->on_read_lag(*lag);
}

void EpollStream::end(int error) noexcept {
  if (listener_ != nullptr) std::exchange(listener_, nullptr)->on_ended(error);
}

void EpollStream::write(std::string_view bytes) {
  if (unsent_.empty()) {
    const SendResult result = send_now(file_, bytes);
    if (result.error != 0) {
      if (write_error_.take(result.error)) fail_later(result.error);
      return;
    }
    bytes.remove_prefix(result.sent);
  }
  unsent_.append(bytes);
}

void EpollStream::write_unsent() noexcept {
  const SendResult result = send_now(file_, unsent_);
  unsent_.erase(0, result.error == 0 ? result.sent : unsent_.size());
  if (unsent_.empty()) unsent_.shrink_to_fit();
  if (result.error != 0 && write_error_.take(result.error)) fail_later(result.error);
}

void EpollStream::close() noexcept {
  listener_ = nullptr;
  if (file_ < 0) return;
  if (!peer_ended_) reset_on_close(file_);
  ::close(std::exchange(file_, -1));
}

void EpollStream::release() noexcept {
  close();
  loop_.delete_later(*this);
}

}  // namespace

std::unique_ptr<Loop> make_epoll_loop() {
  return std::make_unique<EpollLoop>();
}

}  // namespace wsbench::client::transport
