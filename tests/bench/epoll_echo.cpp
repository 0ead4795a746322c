#include "tests/bench/epoll_echo.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include <websocketpp/base64/base64.hpp>
#include <websocketpp/sha1/sha1.hpp>

namespace wsbench::bench {

namespace {

struct Connection {
  int file;
  bool open = false;
  std::string unread;  ///< the beginning of a request or a frame
};

std::string answer_to(std::string_view request) {
  constexpr std::string_view kName = "Sec-WebSocket-Key: ";
  const auto at = request.find(kName);
  if (at == std::string_view::npos) return {};
  const auto begin = at + kName.size();
  std::string text(request.substr(begin, request.find("\r\n", begin) - begin));
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  websocketpp::sha1::calc(text.data(), text.size(), digest.data());
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         websocketpp::base64_encode(digest.data(), digest.size()) + "\r\n\r\n";
}

/// Takes one frame off `bytes` and appends its answer to `out`. Returns the bytes taken; 0: the frame is not
/// whole.
std::size_t answer_frame(std::string_view bytes, std::string& out, bool& closing) {
  if (bytes.size() < 6) return 0;
  const auto first = static_cast<unsigned char>(bytes[0]);
  std::size_t size = static_cast<unsigned char>(bytes[1]) & 0x7FU;
  std::size_t header = 2;
  if (size == 126) {
    size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[2])) << 8U |
           static_cast<unsigned char>(bytes[3]);
    header = 4;
  }
  if (bytes.size() < header + 4 + size) return 0;
  const unsigned opcode = first & 0x0FU;
  closing = opcode == 8;
  out.push_back(static_cast<char>(opcode == 9 ? 0x8AU : first));
  if (header == 2) {
    out.push_back(static_cast<char>(size));
  } else {
    out.append({static_cast<char>(126), bytes[2], bytes[3]});
  }
  const std::string_view mask = bytes.substr(header, 4);
  const std::string_view payload = bytes.substr(header + 4, size);
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return header + 4 + size;
}

/// False when the connection is over.
bool serve(Connection& connection) {
  static char buffer[65536];
  const ssize_t got = ::recv(connection.file, buffer, sizeof buffer, 0);
  if (got <= 0) return got < 0 && errno == EAGAIN;
  connection.unread.append(buffer, static_cast<std::size_t>(got));
  static std::string out;
  out.clear();
  bool closing = false;
  std::string_view rest = connection.unread;
  if (!connection.open) {
    const auto end = rest.find("\r\n\r\n");
    if (end == std::string_view::npos) return true;
    out = answer_to(rest);
    connection.open = true;
    rest.remove_prefix(end + 4);
  }
  while (const std::size_t taken = closing ? 0 : answer_frame(rest, out, closing)) rest.remove_prefix(taken);
  connection.unread.erase(0, connection.unread.size() - rest.size());
  const bool written = out.empty() || ::send(connection.file, out.data(), out.size(), MSG_NOSIGNAL) ==
                                          static_cast<ssize_t>(out.size());
  return written && !closing;
}

void accept_all(int listener, int poll) {
  int file = -1;
  while ((file = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    const int on = 1;
    ::setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = new Connection{file, false, {}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, file, &event);
  }
}

[[noreturn]] void serve_forever(int listener) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  ::epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    std::array<epoll_event, 512> ready;
    const int count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(ready[static_cast<std::size_t>(i)].data.ptr);
      if (connection == nullptr) {
        accept_all(listener, poll);
      } else if (!serve(*connection)) {
        ::close(connection->file);
        delete connection;
      }
    }
  }
}

int listen_on_loopback(std::uint16_t& port) {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (file < 0 || ::bind(file, raw, size) != 0 || ::listen(file, 4096) != 0 ||
      ::getsockname(file, raw, &size) != 0) {
    return -1;
  }
  port = ntohs(address.sin_port);
  return file;
}

}  // namespace

tl::expected<EpollEcho, int> EpollEcho::start(int cpu) {
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(port);
  if (listener < 0) return tl::unexpected(errno);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // A benchmark that is killed leaves no server behind.
    if (::getppid() != parent) ::_exit(0);
    if (cpu >= 0) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(static_cast<std::size_t>(cpu), &set);
      ::sched_setaffinity(0, sizeof set, &set);
    }
    serve_forever(listener);
  }
  const int error = errno;
  ::close(listener);
  if (child < 0) return tl::unexpected(error);
  return EpollEcho(child, port);
}

EpollEcho::EpollEcho(EpollEcho&& other) noexcept
    : child_(std::exchange(other.child_, -1)), port_(other.port_) {}

EpollEcho::~EpollEcho() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

}  // namespace wsbench::bench
