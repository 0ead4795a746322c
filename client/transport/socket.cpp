#include "client/transport/socket.hpp"

#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>

namespace wsbench::client::transport {

OpenedSocket open_socket(const Address& peer, Source* source, Blocking blocking, Stamps stamps) noexcept {
  const int flags = SOCK_CLOEXEC | (blocking == Blocking::no ? SOCK_NONBLOCK : 0);
  const int file = ::socket(peer.family(), SOCK_STREAM | flags, 0);
  if (file < 0) return {-1, errno};
  const int on = 1;
  ::setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (stamps == Stamps::yes) ask_for_stamps(file);
  const int error = source == nullptr ? 0 : source->bind(file);
  if (error == 0) return {file, 0};
  ::close(file);
  return {-1, error};
}

void reset_on_close(int file) noexcept {
  const linger now{1, 0};
  ::setsockopt(file, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

SendResult send_now(int file, std::string_view bytes) noexcept {
  const ssize_t sent = ::send(file, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return {static_cast<std::size_t>(sent), 0};
  return {0, errno == EAGAIN || errno == EINTR ? 0 : errno};
}

bool WriteError::take(int error) noexcept {
  error_ = error;
  return error != ECONNRESET && error != EPIPE;
}

int WriteError::behind_end() const noexcept {
  return error_ == ECONNRESET ? ECONNRESET : 0;
}

}  // namespace wsbench::client::transport
