#include "client/transport/source.hpp"

#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace wsbench::client::transport;

namespace {

Address loopback() {
  return find_route("127.0.0.1", 1)->peer;
}

/// A socket that its owner may bind.
class Socket {
 public:
  explicit Socket(int family = AF_INET) : file_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    REQUIRE(file_ >= 0);
  }
  ~Socket() { ::close(file_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int file() const noexcept { return file_; }
  std::uint16_t port() const { return static_cast<std::uint16_t>(std::stoi(name().second)); }
  std::string host() const { return name().first; }

 private:
  std::pair<std::string, std::string> name() const {
    Address bound;
    bound.size = sizeof bound.storage;
    REQUIRE(::getsockname(file_, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) == 0);
    char host[64], port[16];
    REQUIRE(::getnameinfo(bound.get(), bound.size, host, sizeof host, port, sizeof port,
                          NI_NUMERICHOST | NI_NUMERICSERV) == 0);
    return {host, port};
  }

  int file_;
};

/// As many of this machine's ports as wanted, free a moment ago.
std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<std::uint16_t> ports = local_ports(), free;
  // The tests beside this one, each a process, begin elsewhere.
  const auto begin = static_cast<std::size_t>(::getpid()) * 100 % ports.size();
  std::rotate(ports.begin(), ports.begin() + static_cast<std::ptrdiff_t>(begin), ports.end());
  for (const std::uint16_t port : ports) {
    const Socket socket;
    if (Source(loopback(), {port}).bind(socket.file()) == 0) free.push_back(port);
    if (free.size() == count) break;
  }
  REQUIRE(free.size() == count);
  return free;
}

}  // namespace

TEST_CASE("ports to connect from are the range's but for reserved ones") {
  using Ports = std::vector<std::uint16_t>;
  CHECK(parse_local_ports("100\t103\n", "\n") == Ports{100, 101, 102, 103});
  CHECK(parse_local_ports("100 110", "99,101-103,105,110-120\n") == Ports{100, 104, 106, 107, 108, 109});
  CHECK(parse_local_ports("65534 65535", "").back() == 65535);
  CHECK(parse_local_ports("", "").front() == 32768);
  CHECK(parse_local_ports("", "").size() == 28232);
  CHECK(parse_local_ports("5 4", "").empty());
  CHECK_FALSE(local_ports().empty());
}

TEST_CASE("a source gives every port once, passes over taken ones, and tells when there is none") {
  const auto ports = free_ports(4);
  const Socket other;
  REQUIRE(Source(loopback(), {ports[1]}).bind(other.file()) == 0);
  Source source(loopback(), ports);
  const std::array<Socket, 4> sockets;
  std::set<std::uint16_t> bound;
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(source.bind(sockets[i].file()) == 0);
    bound.insert(sockets[i].port());
  }
  CHECK(bound == std::set{ports[0], ports[2], ports[3]});
  CHECK(source.bind(sockets[3].file()) == EADDRNOTAVAIL);
}

TEST_CASE("threads that share a source get different ports") {
  const auto ports = free_ports(40);
  Source source(loopback(), ports);
  const std::array<Socket, 40> sockets;
  std::array<int, 40> errors{};
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::size_t i = thread; i < sockets.size(); i += 4) errors[i] = source.bind(sockets[i].file());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::uint16_t> bound;
  for (const Socket& socket : sockets) bound.insert(socket.port());
  CHECK(errors == std::array<int, 40>{});
  CHECK(bound == std::set(ports.begin(), ports.end()));
}

TEST_CASE("what keeps a socket from being bound is told as the system tells it") {
  CHECK(Source(loopback(), {40000}).bind(-1) == EBADF);
}

TEST_CASE("ports are chosen on the address from which the peer is reached") {
  const std::string host = GENERATE("127.0.0.1", "::1");
  const bool is_here = find_route(host, 1, {host}).has_value();
  if (host == "::1" && !is_here) return;  // a machine without IPv6
  const auto route = find_route(host, 1);
  REQUIRE(route);
  const Socket socket(route->peer.family());
  const auto ports = free_ports(10);
  REQUIRE(sources_for(*route, 10, ports).front().bind(socket.file()) == 0);
  CHECK(std::count(ports.begin(), ports.end(), socket.port()) == 1);
  CHECK(socket.host() == host);
}

TEST_CASE("the kernel chooses ports as long as it finds them quickly") {
  const std::vector<std::uint16_t> ports(1000, 1);
  const Route anywhere = find_route("127.0.0.1", 1).value();
  CHECK(sources_for(anywhere, 400, ports).empty());
  CHECK(sources_for(anywhere, 401, ports).size() == 1);
  const Route from_two = find_route("127.0.0.1", 1, {"127.0.0.1", "127.0.0.2"}).value();
  auto sources = sources_for(from_two, 800, ports);
  REQUIRE(sources.size() == 2);
  const Socket socket;
  CHECK(sources.front().bind(socket.file()) == 0);
  CHECK(socket.port() == 0);  // not before it connects
}
