#include "client/probe/probe_socket.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <system_error>

#include <websocketpp/base64/base64.hpp>
#include <websocketpp/sha1/sha1.hpp>

#include "client/probe/describe.hpp"
#include "client/transport/address.hpp"

namespace wsbench::client {

namespace {

constexpr std::size_t kLargestHead = 16384;
/// Well above all that is sent to an echo server here.
constexpr std::uint64_t kLargestFrame = 4U << 20U;
/// How soon a stop is noticed.
constexpr std::chrono::milliseconds kStopLook{50};

std::string error_text(int error) {
  return std::system_category().message(error);
}

std::uint32_t random_word() {
  static thread_local std::mt19937 random{std::random_device{}()};
  return static_cast<std::uint32_t>(random());
}

std::string new_key() {
  std::array<std::uint32_t, 4> words{};
  for (auto& word : words) word = random_word();
  return websocketpp::base64_encode(reinterpret_cast<const unsigned char*>(words.data()), sizeof words);
}

/// RFC 6455, section 4.2.2, item 5.4.
std::string accept_for(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  websocketpp::sha1::calc(text.data(), text.size(), digest.data());
  return websocketpp::base64_encode(digest.data(), digest.size());
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_control(Opcode opcode) noexcept {
  return static_cast<unsigned>(opcode) >= 8;
}

/// Why no server may send a frame that begins with these bytes and has a payload of `size`; empty: it may.
std::string wrong_with(unsigned first, unsigned second, std::uint64_t size) {
  const unsigned length = second & 0x7FU;
  const auto opcode = static_cast<Opcode>(first & 0x0FU);
  if ((first & 0x70U) != 0) return "it sets a reserved bit of a frame";
  if ((second & 0x80U) != 0) return "it masks a frame";
  if ((first & 0x07U) > 2) return "it sends a frame of an unknown kind";
  if ((length == 126 && size < 126) || (length == 127 && size < 65536))
    return "it writes the length of a frame, " + std::to_string(size) + ", in more bytes than that needs";
  if (is_control(opcode) && (first & 0x80U) == 0) return "it begins a control frame that has more fragments";
  if (is_control(opcode) && size > 125)
    return "it sends a control frame of " + std::to_string(size) + " bytes";
  if (opcode == Opcode::close && size == 1) return "its close frame has half a code";
  if (size > kLargestFrame) return "it sends a frame of " + std::to_string(size) + " bytes";
  return {};
}

}  // namespace

ProbeSocket::ProbeSocket(const Target& target, Deadline deadline, std::stop_token stop)
    : host_(target.host.find(':') == std::string::npos ? target.host : "[" + target.host + "]"),
      path_(target.path),
      deadline_(deadline),
      stop_(std::move(stop)) {
  connect(target);
}

ProbeSocket::~ProbeSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void ProbeSocket::connect(const Target& target) {
  const auto route = transport::find_route(target.host, target.port);
  if (!route) return fail(route.error());
  descriptor_ = ::socket(route->peer.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return fail("no socket: " + error_text(errno));
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  int error = ::connect(descriptor_, route->peer.get(), route->peer.size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    if (!wait_for(POLLOUT)) return fail("no connection in time");
    socklen_t size = sizeof error;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error != 0) fail("no connection: " + error_text(error));
}

void ProbeSocket::fail(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
}

std::uint16_t ProbeSocket::local_port() const noexcept {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  const bool is_ipv6 = address.ss_family == AF_INET6;
  return ntohs(is_ipv6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                       : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

/// False when there was nothing in time, or a stop.
bool ProbeSocket::wait_for(short events) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0 || stop_.stop_requested()) return false;
    const auto slice = stop_.stop_possible() ? std::min(left, kStopLook) : left;
    pollfd waiting{descriptor_, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(slice.count()));
    if (ready != 0) return ready == 1 || errno == EINTR;
  }
}

/// False at the end of what the server sends, and when nothing came in time.
bool ProbeSocket::read_some() {
  std::array<char, 65536> buffer{};
  while (!ended_) {
    const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (got > 0) {
      received_.append(buffer.data(), static_cast<std::size_t>(got));
      return true;
    }
    // A reset is an end as any other: what it must not come before, its caller knows.
    ended_ = got == 0 || (errno != EAGAIN && errno != EINTR);
    if (!ended_ && !wait_for(POLLIN)) return false;
  }
  return false;
}

/// A server that answers while it reads must not be left with its answers: they are taken in meanwhile. To
/// one that has gone nothing can be said; whether it may have is found when something is to come from it.
void ProbeSocket::write(std::string_view bytes) {
  while (ready() && !ended_ && !bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return;
    if (!wait_for(POLLIN | POLLOUT)) return fail("it does not read what is sent to it");
    std::array<char, 65536> buffer{};
    const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (got > 0) received_.append(buffer.data(), static_cast<std::size_t>(got));
    ended_ = got == 0;
  }
}

/// Waits for that many bytes that were not looked at yet.
bool ProbeSocket::have(std::size_t size) {
  while (ready() && received_.size() - taken_ < size) {
    if (!read_some()) return false;
  }
  return ready();
}

std::string ProbeSocket::take(std::size_t size) {
  std::string bytes = received_.substr(taken_, size);
  taken_ += size;
  if (taken_ == received_.size()) {
    received_.clear();
    taken_ = 0;
  }
  return bytes;
}

std::optional<std::string> ProbeSocket::take_head() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::size_t end = std::string::npos;
  while ((end = received_.find(kEnd)) == std::string::npos) {
    if (received_.size() > kLargestHead) return std::nullopt;
    if (!read_some()) return std::nullopt;
  }
  return take(end + kEnd.size());
}

void ProbeSocket::shake_hands(const Headers& headers) {
  if (!ready()) return;
  const std::string key = new_key();
  std::string request = "GET " + path_ + " HTTP/1.1\r\nHost: " + host_ +
                        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key +
                        "\r\nSec-WebSocket-Version: 13\r\n";
  for (const auto& [header, value] : headers)
    request.append(header).append(": ").append(value).append("\r\n");
  write(request + "\r\n");
  const auto head = take_head();
  if (!head)
    return fail(ended_ ? "it ended the connection before it answered the handshake"
                       : "no answer to the handshake in time");
  check_answer(*head, key);
}

void ProbeSocket::check_answer(const std::string& head, const std::string& key) {
  std::string_view rest(head);
  const auto status = rest.substr(0, rest.find("\r\n"));
  if (status.substr(0, 12) != "HTTP/1.1 101") return fail("handshake rejected: " + std::string(status));
  rest.remove_prefix(status.size() + 2);
  while (rest.size() > 2) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return fail("a line of its handshake is no header");
    answer_.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  if (answered("sec-websocket-accept") != accept_for(key)) fail("its Sec-WebSocket-Accept is wrong");
}

std::string ProbeSocket::answered(std::string_view name) const {
  for (const auto& [header, value] : answer_) {
    if (header == name) return value;
  }
  return {};
}

void ProbeSocket::send(Opcode opcode, std::string_view payload, bool last) {
  const auto mask = random_word();
  std::string frame = frame_header(opcode, last, payload.size(), mask);
  append_masked(frame, payload, mask);
  write(frame);
}

std::optional<ProbeSocket::Frame> ProbeSocket::receive_frame() {
  // Nothing is taken before all of a frame is there: so what is left at the end is a frame that was cut off.
  const auto have_so_far = [this](std::uint64_t size) {
    if (have(static_cast<std::size_t>(size))) return true;
    if (ended_ && received_.size() > taken_) fail("it ended the connection within a frame");
    return false;
  };
  const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(received_[taken_ + at]); };

  if (!have_so_far(2)) return std::nullopt;
  const unsigned first = byte(0), second = byte(1);
  std::uint64_t size = second & 0x7FU;
  const std::size_t head = size < 126 ? 2 : size == 126 ? 4 : 10;
  if (!have_so_far(head)) return std::nullopt;
  if (head > 2) size = 0;
  for (std::size_t i = 2; i < head; ++i) size = size << 8U | byte(i);
  if (auto wrong = wrong_with(first, second, size); !wrong.empty()) {
    fail(std::move(wrong));
    return std::nullopt;
  }
  if (!have_so_far(head + size)) return std::nullopt;
  take(head);
  return Frame{{static_cast<Opcode>(first & 0x0FU), take(static_cast<std::size_t>(size))},
               (first & 0x80U) != 0};
}

std::optional<ProbeSocket::Message> ProbeSocket::receive() {
  for (;;) {
    auto frame = receive_frame();
    if (!frame) return std::nullopt;
    auto& [message, last] = *frame;
    if (is_control(message.opcode)) return std::move(message);
    if ((message.opcode == Opcode::continuation) != unfinished_.has_value()) {
      fail("its fragments are out of order");
      return std::nullopt;
    }
    if (!unfinished_) {
      unfinished_ = std::move(message);
    } else {
      unfinished_->payload += message.payload;
    }
    if (last) return std::exchange(unfinished_, std::nullopt);
  }
}

void ProbeSocket::expect(Opcode opcode, std::string_view payload) {
  const auto message = receive();
  if (!ready()) return;
  const auto expected = describe(opcode, payload);
  if (!message) {
    fail((ended_ ? "it ended the connection instead of sending " : "not in time: ") + expected);
  } else if (message->opcode != opcode || message->payload.size() != payload.size()) {
    fail("expected " + expected + ", came " + describe(message->opcode, message->payload));
  } else if (message->payload != payload) {
    fail("expected " + expected + ", came other bytes");
  }
}

void ProbeSocket::expect_end() {
  const auto message = receive();
  if (!ready()) return;
  if (message) {
    fail("it sent " + describe(message->opcode, message->payload) + " instead of ending the connection");
  } else if (!ended_) {
    fail("it did not end the connection in time");
  }
}

void ProbeSocket::expect_echo(Opcode opcode, std::string_view payload) {
  send(opcode, payload);
  expect(opcode, payload);
}

}  // namespace wsbench::client
