#include "client/null_echo/null_echo.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_map>

#include <websocketpp/base64/base64.hpp>
#include <websocketpp/sha1/sha1.hpp>

namespace wsbench::client {

namespace {

// RFC 6455, section 5.2: the opcode is the low nibble of the first byte, the mask bit the top one of the
// second.
constexpr unsigned char kClose = 0x8, kPing = 0x9, kPong = 0xA;
constexpr std::size_t kMaskSize = 4;
constexpr std::size_t kLongestPayload = std::size_t{1} << 20U;  // as long as a suite's may be

std::string handshake_answer(std::string_view request) {
  constexpr std::string_view kKeyHeader = "sec-websocket-key:";
  std::string lower(request);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  auto begin = lower.find(kKeyHeader);
  if (begin == std::string::npos)
    return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  begin = request.find_first_not_of(' ', begin + kKeyHeader.size());
  const auto end = request.find_first_of(" \r", begin);
  const std::string keyed =
      std::string(request.substr(begin, end - begin)) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  websocketpp::sha1::calc(keyed.data(), keyed.size(), digest.data());
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\nSec-WebSocket-Accept: " +
         websocketpp::base64_encode(digest.data(), digest.size()) + "\r\n\r\n";
}

/// One connection: bytes that are not a whole frame yet, and bytes that the socket did not take yet.
class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {}
  ~Peer() { ::close(descriptor_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// False when the connection is over.
  bool readable(std::string& buffer) {
    const auto got = ::read(descriptor_, buffer.data(), buffer.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    input_.append(buffer.data(), static_cast<std::size_t>(got));
    return (open_ || shake_hands()) && answer_frames() && flush();
  }

  bool flush() {
    while (!output_.empty()) {
      const auto put = ::send(descriptor_, output_.data(), output_.size(), MSG_NOSIGNAL);
      if (put < 0) return errno == EAGAIN || errno == EINTR;
      output_.erase(0, static_cast<std::size_t>(put));
    }
    return !closing_;
  }

  bool has_output() const noexcept { return !output_.empty(); }

 private:
  bool shake_hands() {
    const auto end = input_.find("\r\n\r\n");
    if (end == std::string::npos) return input_.size() < 8192;
    output_ = handshake_answer(std::string_view(input_).substr(0, end + 2));
    input_.erase(0, end + 4);
    open_ = true;
    return true;
  }

  bool answer_frames() {
    std::size_t done = 0;
    while (open_ && !closing_) {
      const auto used = answer_frame(std::string_view(input_).substr(done));
      if (used == 0) break;
      if (used == std::string_view::npos) return false;
      done += used;
    }
    input_.erase(0, done);
    return true;
  }

  /// The size of the frame that was answered; 0 when it is not whole, npos when it is not for this server.
  std::size_t answer_frame(std::string_view in) {
    if (in.size() < 2) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(in[i]); };
    const auto opcode = static_cast<unsigned char>(byte(0) & 0x0FU);
    std::size_t header = 2;
    std::size_t length = byte(1) & 0x7FU;
    if (length == 126) {
      if (in.size() < 4) return 0;
      length = std::size_t{byte(2)} << 8U | byte(3);
      header = 4;
    } else if (length == 127) {
      if (in.size() < 10) return 0;
      length = 0;
      for (std::size_t i = 2; i < 10; ++i) length = length << 8U | byte(i);
      header = 10;
    }
    const bool final_and_masked = (byte(0) & 0x80U) != 0 && (byte(1) & 0x80U) != 0;
    if (!final_and_masked || length > kLongestPayload) return std::string_view::npos;
    if (in.size() < header + kMaskSize + length) return 0;

    const auto answer = opcode == kPing ? kPong : opcode;
    if (opcode != kPong) {
      output_ += static_cast<char>(0x80U | answer);
      // The same length in the same form, without the mask bit.
      output_ += static_cast<char>(byte(1) & 0x7FU);
      output_.append(in.substr(2, header - 2));
      const auto mask = in.substr(header, kMaskSize);
      const auto payload = in.substr(header + kMaskSize, length);
      for (std::size_t i = 0; i < length; ++i) output_ += static_cast<char>(payload[i] ^ mask[i % kMaskSize]);
    }
    if (opcode == kClose) closing_ = true;
    return header + kMaskSize + length;
  }

  const int descriptor_;
  std::string input_, output_;
  bool open_ = false;
  bool closing_ = false;
};

/// Owns a descriptor.
struct Descriptor {
  int value = -1;
  explicit Descriptor(int descriptor) : value(descriptor) {}
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

tl::unexpected<std::string> failed(const char* what) {
  return tl::unexpected(std::string("null echo server: ") + what + ": " + std::strerror(errno));
}

void watch(int epoll, int descriptor, std::uint32_t events, int operation = EPOLL_CTL_ADD) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  ::epoll_ctl(epoll, operation, descriptor, &event);
}

}  // namespace

tl::expected<void, std::string> serve_null_echo(std::uint16_t port, const std::stop_token& stop) {
  const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  ::setsockopt(listener.value, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(listener.value, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return failed("bind");
  if (::listen(listener.value, 65535) != 0) return failed("listen");

  const Descriptor stopped(::eventfd(0, EFD_CLOEXEC));
  const Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (stopped.value < 0 || epoll.value < 0) return failed("epoll");
  watch(epoll.value, listener.value, EPOLLIN);
  watch(epoll.value, stopped.value, EPOLLIN);
  const std::stop_callback wake(stop, [&stopped] { ::eventfd_write(stopped.value, 1); });

  std::unordered_map<int, std::unique_ptr<Peer>> peers;
  std::string buffer(kLongestPayload, '\0');
  std::array<epoll_event, 256> events{};
  for (;;) {
    const int ready = ::epoll_wait(epoll.value, events.data(), static_cast<int>(events.size()), -1);
    if (ready < 0 && errno != EINTR) return failed("epoll_wait");
    for (int i = 0; i < ready; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      const int descriptor = event.data.fd;
      if (descriptor == stopped.value) return {};
      if (descriptor == listener.value) {
        for (int made;
             (made = ::accept4(listener.value, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
          ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          peers[made] = std::make_unique<Peer>(made);
          watch(epoll.value, made, EPOLLIN);
        }
        continue;
      }
      const auto peer = peers.find(descriptor);
      if (peer == peers.end()) continue;
      const bool had_output = peer->second->has_output();
      const bool alive =
          (event.events & EPOLLOUT) != 0 ? peer->second->flush() : peer->second->readable(buffer);
      if (!alive) {
        peers.erase(peer);
      } else if (had_output != peer->second->has_output()) {
        watch(epoll.value, descriptor, peer->second->has_output() ? EPOLLIN | EPOLLOUT : EPOLLIN,
              EPOLL_CTL_MOD);
      }
    }
  }
}

}  // namespace wsbench::client
