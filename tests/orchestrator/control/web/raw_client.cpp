#include "tests/orchestrator/control/web/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace wsbench::control::web::testing {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(what);
}

}  // namespace

RawClient::RawClient(std::uint16_t port, int receive_buffer, const std::string& address) {
  const bool is_v6 = address.find(':') != std::string::npos;
  file_ = ::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file_ < 0) fail("socket");
  const timeval patience{20, 0};
  const int on = 1;
  ::setsockopt(file_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(file_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ::setsockopt(file_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer > 0) {
    ::setsockopt(file_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  ::inet_pton(is_v6 ? AF_INET6 : AF_INET, address.c_str(),
              is_v6 ? static_cast<void*>(&v6.sin6_addr) : static_cast<void*>(&v4.sin_addr));
  const auto* to = is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  if (::connect(file_, to, is_v6 ? sizeof v6 : sizeof v4) != 0) {
    ::close(file_);
    fail("connect");
  }
}

RawClient::RawClient(RawClient&& other) noexcept
    : file_(std::exchange(other.file_, -1)), was_reset_(other.was_reset_) {}

RawClient::~RawClient() {
  close();
}

void RawClient::close() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EPIPE || errno == ECONNRESET) return false;
      fail("send");
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::send_dripping(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!send(bytes.substr(i, 1))) return false;
  }
  return true;
}

void RawClient::shut_sending() {
  ::shutdown(file_, SHUT_WR);
}

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(file_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

std::size_t RawClient::receive(char* out, std::size_t size) {
  const ssize_t got = ::recv(file_, out, size, 0);
  if (got >= 0) return static_cast<std::size_t>(got);
  if (errno != ECONNRESET) fail("nothing came");
  was_reset_ = true;
  return 0;
}

std::string RawClient::read_all() {
  std::string all;
  std::array<char, 65536> buffer{};
  while (const std::size_t got = receive(buffer.data(), buffer.size())) all.append(buffer.data(), got);
  return all;
}

std::string RawClient::read_exactly(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const std::size_t got = receive(bytes.data() + done, size - done);
    if (got == 0) fail("the server has hung up");
    done += got;
  }
  return bytes;
}

std::string RawClient::read_until(std::string_view end) {
  std::string bytes;
  while (bytes.size() < end.size() || bytes.compare(bytes.size() - end.size(), end.size(), end) != 0) {
    bytes += read_exactly(1);
  }
  return bytes;
}

bool RawClient::has_something(std::chrono::milliseconds patience) {
  pollfd waiting{file_, POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(patience.count())) == 1;
}

void RawClient::send_frame(unsigned opcode, std::string_view payload) {
  std::string frame(1, static_cast<char>(0x80U | opcode));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80U | payload.size());
  } else {
    frame += static_cast<char>(0x80U | 126U);
    frame += static_cast<char>(payload.size() >> 8U);
    frame += static_cast<char>(payload.size() & 0xFFU);
  }
  frame.append(4, '\0');  // A mask of zeros leaves the payload as it is.
  send(frame.append(payload));
}

RawClient::Frame RawClient::read_frame() {
  const std::string start = read_exactly(2);
  const auto byte = [](const std::string& text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  if ((byte(start, 0) & 0x80U) == 0 || (byte(start, 1) & 0x80U) != 0) fail("a frame in parts, or masked");
  std::uint64_t size = byte(start, 1);
  if (size >= 126) {
    const std::string length = read_exactly(size == 126 ? 2 : 8);
    size = 0;
    for (std::size_t i = 0; i < length.size(); ++i) size = size << 8U | byte(length, i);
  }
  return {byte(start, 0) & 0x0FU, read_exactly(size)};
}

int RawClient::shake_hands(const std::string& path, const std::string& headers) {
  send(get(path,
           "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
               headers));
  return status_of(read_until("\r\n\r\n"));
}

std::string get(const std::string& path, const std::string& headers) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

std::string post(const std::string& path, const std::string& body, const std::string& headers) {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + headers + "\r\n" + body;
}

std::string answer_to(std::uint16_t port, const std::string& request) {
  RawClient client(port);
  client.send(request);
  return client.read_all();
}

int status_of(const std::string& answer) {
  return answer.compare(0, 9, "HTTP/1.1 ") == 0 ? std::stoi(answer.substr(9, 3)) : 0;
}

std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

std::string header_of(const std::string& answer, const std::string& name) {
  const std::string head = answer.substr(0, answer.find("\r\n\r\n") + 2);
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

}  // namespace wsbench::control::web::testing
