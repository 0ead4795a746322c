#include "client/transport/source.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <set>
#include <thread>
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
  Socket() : file_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) { REQUIRE(file_ >= 0); }
  ~Socket() { ::close(file_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int file() const noexcept { return file_; }
  std::uint16_t port() const {
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    REQUIRE(::getsockname(file_, reinterpret_cast<sockaddr*>(&bound), &size) == 0);
    return ntohs(bound.sin_port);
  }

 private:
  int file_;
};

/// As many of this machine's ports as wanted, free a moment ago.
std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<std::uint16_t> free;
  for (const std::uint16_t port : local_ports()) {
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

TEST_CASE("a port that nobody could bind is told as the system tells it") {
  Source elsewhere(find_route("192.0.2.1", 1)->peer, {40000});  // documentation's, nobody's
  const Socket socket;
  CHECK(elsewhere.bind(socket.file()) == EADDRNOTAVAIL);
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
