#include "tests/support/truth/poller.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace wsbench::test::truth {

namespace {

constexpr std::uint64_t kTimer = Poller::kListener - 1, kWake = Poller::kListener - 2;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

}  // namespace

Poller::Poller(std::uint16_t port) {
  listener_ = checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  checked(::bind(listener_, generic, size), "bind");
  checked(::listen(listener_, SOMAXCONN), "listen");
  checked(::getsockname(listener_, generic, &size), "getsockname");
  port_ = ntohs(address.sin_port);
  epoll_ = checked(::epoll_create1(EPOLL_CLOEXEC), "epoll");
  timer_ = checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd");
  wake_ = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");
  add(listener_, kListener);
  add(timer_, kTimer);
  add(wake_, kWake);
}

Poller::~Poller() {
  for (const int descriptor : {listener_, epoll_, timer_, wake_}) ::close(descriptor);
}

std::optional<int> Poller::accept() const {
  const int made = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (made < 0 && (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)) return std::nullopt;
  const int on = 1;
  ::setsockopt(checked(made, "accept"), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

void Poller::add(int descriptor, std::uint64_t key) const {
  control(EPOLL_CTL_ADD, descriptor, key, EPOLLIN);
}

void Poller::change(int descriptor, std::uint64_t key, bool output) const {
  control(EPOLL_CTL_MOD, descriptor, key, output ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void Poller::control(int operation, int descriptor, std::uint64_t key, std::uint32_t events) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = key;
  checked(::epoll_ctl(epoll_, operation, descriptor, &event), "epoll_ctl");
}

void Poller::set_timer(Time time) {
  if (time == Time::max() || time == timer_set_) return;
  const auto wanted = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wanted);
  itimerspec spec{};
  spec.it_value = {seconds.count(), (wanted - seconds).count()};
  checked(::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr), "timerfd_settime");
  timer_set_ = time;
}

std::span<const epoll_event> Poller::wait() {
  const int ready = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), -1);
  if (ready < 0 && errno != EINTR) checked(ready, "epoll_wait");
  std::size_t kept = 0;
  for (int i = 0; i < ready; ++i) {
    const epoll_event event = events_[static_cast<std::size_t>(i)];
    if (event.data.u64 == kTimer) {
      read_timer();
    } else if (event.data.u64 != kWake) {
      events_[kept++] = event;
    }
  }
  return {events_.data(), kept};
}

void Poller::wait_for_timer() {
  std::array<pollfd, 2> files{{{timer_, POLLIN, 0}, {wake_, POLLIN, 0}}};
  if (::poll(files.data(), files.size(), -1) < 0 && errno != EINTR) checked(-1, "poll");
  if (files[0].revents != 0) read_timer();
}

void Poller::read_timer() {
  std::uint64_t expirations = 0;
  if (::read(timer_, &expirations, sizeof expirations) < 0 && errno != EAGAIN) checked(-1, "timerfd");
  timer_set_.reset();
}

void Poller::wake() const noexcept {
  ::eventfd_write(wake_, 1);
}

}  // namespace wsbench::test::truth
