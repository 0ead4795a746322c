#include "tests/client/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <websocketpp/base64/base64.hpp>
#include <websocketpp/sha1/sha1.hpp>
#include <websocketpp/utf8_validator.hpp>

namespace wsbench::client::testing {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(what);
}

int listen_on_loopback(int backlog, std::uint16_t& port) {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(file, raw, size) != 0 || (backlog > 0 && ::listen(file, backlog) != 0) ||
      ::getsockname(file, raw, &size) != 0) {
    ::close(file);
    fail("bind");
  }
  port = ntohs(address.sin_port);
  return file;
}

}  // namespace

void Peer::read_exactly(char* out, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(file_, out, size, 0);
    if (got <= 0) throw PeerGone{};
    out += got;
    size -= static_cast<std::size_t>(got);
  }
}

std::string Peer::read(std::size_t size) {
  std::string bytes(size, '\0');
  read_exactly(bytes.data(), size);
  return bytes;
}

std::string Peer::read_request() {
  std::string head;
  while (head.size() < 4 || head.compare(head.size() - 4, 4, "\r\n\r\n") != 0) {
    char next = 0;
    read_exactly(&next, 1);
    head.push_back(next);
  }
  return head;
}

void Peer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw PeerGone{};
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

ReceivedFrame Peer::read_frame() {
  std::array<unsigned char, 2> start{};
  read_exactly(reinterpret_cast<char*>(start.data()), start.size());
  if ((start[1] & 0x80U) == 0) fail("a frame of the client is not masked");
  std::uint64_t size = start[1] & 0x7FU;
  if (size >= 126) {
    std::array<unsigned char, 8> length{};
    const std::size_t bytes = size == 126 ? 2 : 8;
    read_exactly(reinterpret_cast<char*>(length.data()), bytes);
    size = 0;
    for (std::size_t i = 0; i < bytes; ++i) size = size << 8U | length[i];
  }
  std::array<char, 4> mask{};
  read_exactly(mask.data(), mask.size());
  ReceivedFrame frame{start[0] & 0x0FU, (start[0] & 0x80U) != 0, std::string(size, '\0')};
  read_exactly(frame.payload.data(), size);
  for (std::size_t i = 0; i < size; ++i) frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  return frame;
}

void Peer::write_frame(unsigned opcode, std::string_view payload, bool last) {
  std::string frame(1, static_cast<char>((last ? 0x80U : 0U) | opcode));
  std::size_t length_bytes = 0;
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(payload.size()));
  } else {
    length_bytes = payload.size() <= 0xFFFF ? 2 : 8;
    frame.push_back(static_cast<char>(length_bytes == 2 ? 126 : 127));
  }
  for (std::size_t i = length_bytes; i-- > 0;) {
    frame.push_back(static_cast<char>((std::uint64_t{payload.size()} >> (8 * i)) & 0xFFU));
  }
  frame.append(payload);
  write(frame);
}

std::string header_of(const std::string& head, const std::string& name) {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string accept_key(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  websocketpp::sha1::calc(text.data(), text.size(), digest.data());
  return websocketpp::base64_encode(digest.data(), digest.size());
}

std::string switching_protocols(const std::string& head, const std::string& more_headers) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         accept_key(header_of(head, "Sec-WebSocket-Key")) + "\r\n" + more_headers + "\r\n";
}

std::string Peer::shake_hands(const std::string& more_headers) {
  std::string head = read_request();
  write(switching_protocols(head, more_headers));
  return head;
}

void Peer::close() noexcept {
  if (file_ < 0) return;
  ::shutdown(file_, SHUT_RDWR);  // The Server closes the descriptor.
  file_ = -1;
}

void Peer::reset() noexcept {
  const linger now{1, 0};
  ::setsockopt(file_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  sockaddr unconnected{};
  unconnected.sa_family = AF_UNSPEC;  // Disconnecting a TCP socket resets it.
  static_cast<void>(::connect(file_, &unconnected, sizeof unconnected));
}

namespace {

/// False when the flaws have it rejected.
bool accept_handshake(Peer& peer, const Flaws& flaws) {
  const std::string head = peer.read_request();
  const bool rejected = (flaws.root_only && head.rfind("GET / ", 0) != 0) ||
                        (flaws.own_origin_only && !header_of(head, "Origin").empty());
  peer.write(rejected ? "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" : switching_protocols(head));
  return !rejected;
}

}  // namespace

void echo(Peer& peer, const Flaws& flaws) {
  if (accept_handshake(peer, flaws)) converse(peer, flaws);
}

void converse(Peer& peer, const Flaws& flaws) {
  std::string message;
  unsigned opcode = 0;
  for (;;) {
    ReceivedFrame frame = peer.read_frame();
    if (frame.opcode == 8) {
      if (flaws.close_ignored) continue;
      peer.write_frame(8, flaws.wrong_close_code ? std::string("\x03\xE9", 2) : frame.payload);
      if (flaws.stays_after_close) peer.read_frame();
      return;
    }
    if (frame.opcode == 9) {
      if (!flaws.pings_ignored) peer.write_frame(10, frame.payload);
      continue;
    }
    if (frame.opcode == 10) continue;
    if (frame.opcode != 0) {
      opcode = frame.opcode;
      message = std::move(frame.payload);
    } else if (!flaws.first_fragment_only) {
      message += frame.payload;
    }
    if (!frame.last) continue;
    if (message.size() > flaws.largest) return;
    if (opcode == 1 && !flaws.utf8_unchecked && !websocketpp::utf8_validator::validate(message)) {
      peer.write_frame(8, "\x03\xEF");
      return;
    }
    if (message.size() == flaws.spoiled_size && !message.empty()) message.back() ^= 1;
    std::this_thread::sleep_for(flaws.delay);
    peer.write_frame(flaws.binary_as_text ? 1 : opcode, message);
  }
}

Server::Server(Script script, int backlog) : script_(std::move(script)) {
  listener_ = listen_on_loopback(backlog, port_);
  acceptor_ = std::thread([this] { accept_all(); });
}

Server::~Server() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const int file : files_) ::shutdown(file, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int file : files_) ::close(file);
  ::close(listener_);
}

void Server::accept_all() {
  for (;;) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const int file = ::accept4(listener_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC);
    if (file < 0) return;
    const timeval patience{5, 0};
    const int on = 1;
    ::setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    ::setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    char text[INET_ADDRSTRLEN];
    const std::lock_guard lock(mutex_);
    sources_.insert(::inet_ntop(AF_INET, &from.sin_addr, text, sizeof text));
    files_.push_back(file);
    threads_.emplace_back([this, file] { serve(file); });
  }
}

void Server::serve(int file) {
  Peer peer(file);
  try {
    script_(peer);
  } catch (const PeerGone&) {
    return;
  } catch (const std::exception& error) {
    const std::lock_guard lock(mutex_);
    if (failure_.empty() && !ending_) failure_ = error.what();
  }
}

std::set<std::string> Server::sources() const {
  const std::lock_guard lock(mutex_);
  return sources_;
}

std::string Server::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

std::uint16_t unused_port() {
  std::uint16_t port = 0;
  ::close(listen_on_loopback(0, port));
  return port;
}

}  // namespace wsbench::client::testing
