#include "client/transport/stamps.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace wsbench::client::transport {

namespace {

using std::chrono::nanoseconds;

nanoseconds duration_of(const timespec& time) noexcept {
  return std::chrono::seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
}

nanoseconds wall_clock() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return duration_of(now);
}

bool peer_has_ended(int file) noexcept {
  pollfd poll{file, POLLRDHUP, 0};
  return ::poll(&poll, 1, 0) != 0;
}

}  // namespace

Stamping::Stamping() noexcept : file_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (file_ >= 0) ask_for_stamps(file_);
}

Stamping::~Stamping() {
  if (file_ >= 0) ::close(file_);
}

void ask_for_stamps(int file) noexcept {
  const int on = 1;
  ::setsockopt(file, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

std::optional<nanoseconds> stamp_in(const msghdr& message) noexcept {
  for (const cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(control))) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp;
    std::memcpy(&stamp, CMSG_DATA(control), sizeof stamp);
    return duration_of(stamp);
  }
  return std::nullopt;
}

void ReadSampler::tell_one_in(std::uint32_t reads) noexcept {
  one_in_ = reads;
  left_ = draw();
}

/// From 1 to twice the mean less 1, each as likely: xorshift, of which the high bits are the good ones.
std::uint32_t ReadSampler::draw() noexcept {
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 7U;
  random_ ^= random_ << 17U;
  return static_cast<std::uint32_t>((random_ >> 32U) % (2 * std::uint64_t{one_in_} - 1)) + 1;
}

ssize_t ReadSampler::receive(int file, char* to, std::size_t size, event::Time read_at) noexcept {
  iovec bytes{to, size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control;
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(file, &message, 0);
  if (got > 0) note(message, read_at);
  return got;
}

void ReadSampler::note(const msghdr& message, event::Time read_at) noexcept {
  latest_.reset();
  if (--left_ > 0) return;
  left_ = draw();
  const nanoseconds now = wall_clock();
  if (const auto stamp = stamp_in(message))
    latest_ = {std::max(now - *stamp, nanoseconds::zero()), event::Clock::now() - read_at};
}

std::optional<event::ReadLag> ReadSampler::take(int file) noexcept {
  auto told = std::exchange(latest_, std::nullopt);
  if (told && peer_has_ended(file)) told.reset();
  return told;
}

}  // namespace wsbench::client::transport
