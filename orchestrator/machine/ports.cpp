#include "orchestrator/machine/ports.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <random>

#include <fmt/format.h>

#include "orchestrator/util/descriptor.hpp"

namespace wsbench::machine {

namespace {

bool connects(const addrinfo& address, std::chrono::milliseconds limit) {
  const util::Descriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return false;
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS) return false;
  pollfd waiting{socket.get(), POLLOUT, 0};
  if (::poll(&waiting, 1, static_cast<int>(limit.count())) != 1) return false;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool can_be_bound(std::uint16_t port) {
  const util::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return socket.get() >= 0 &&
         ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

bool somebody_listens(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  for (const auto* address = addresses.get(); address != nullptr; address = address->ai_next) {
    if (connects(*address, limit)) return true;
  }
  return false;
}

bool resolves(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return false;
  ::freeaddrinfo(found);
  return true;
}

namespace {

/// `flags`: of getaddrinfo().
bool is_local(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> parsed(found, ::freeaddrinfo);
  for (const addrinfo* one = parsed.get(); one != nullptr; one = one->ai_next) {
    const util::Descriptor socket(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() >= 0 && ::bind(socket.get(), one->ai_addr, one->ai_addrlen) == 0) return true;
  }
  return false;
}

}  // namespace

bool is_local_address(const std::string& address) {
  return is_local(address, AI_NUMERICHOST);
}

bool is_this_machine(const std::string& host) {
  return is_local(host, 0);
}

tl::expected<std::uint16_t, std::string> free_port() {
  constexpr int kLowest = 10240;
  constexpr int kAttempts = 200;
  int ephemeral = 32768;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> ephemeral;
  const int above = ephemeral > kLowest + kAttempts ? ephemeral : 65536;

  std::random_device random;
  std::uniform_int_distribution<int> pick(kLowest, above - 1);
  for (int i = 0; i < kAttempts; ++i) {
    const auto port = static_cast<std::uint16_t>(pick(random));
    if (can_be_bound(port)) return port;
  }
  return tl::unexpected(
      fmt::format("no free TCP port found on 127.0.0.1 between {} and {}", kLowest, above - 1));
}

}  // namespace wsbench::machine
