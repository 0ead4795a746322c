#include "orchestrator/server_process.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace wsbench::orchestrator;

namespace {

/// A connection over loopback, both of whose ends are ours.
class Connection {
 public:
  Connection() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener, raw, size) == 0);
    REQUIRE(::listen(listener, 1) == 0);
    REQUIRE(::getsockname(listener, raw, &size) == 0);
    client_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::connect(client_, raw, size) == 0);
    server_ = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    REQUIRE(server_ >= 0);
    ::close(listener);
    REQUIRE(::getsockname(client_, raw, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Connection() {
    ::close(client_);
    ::close(server_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int server() const { return server_; }
  std::uint16_t port() const { return port_; }

 private:
  int client_ = -1;
  int server_ = -1;
  std::uint16_t port_ = 0;
};

/// A child that leads a group of its own and waits to be killed.
class Leader {
 public:
  Leader() {
    pid_ = ::fork();
    if (pid_ == 0) {
      for (;;) ::pause();
    }
    ::setpgid(pid_, pid_);
  }
  ~Leader() { end(); }
  Leader(const Leader&) = delete;
  Leader& operator=(const Leader&) = delete;

  pid_t pid() const { return pid_; }
  /// Kills it, but does not reap it.
  void kill() const {
    ::kill(pid_, SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }

 private:
  void end() const {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  pid_t pid_ = -1;
};

}  // namespace

TEST_CASE("a group has its processes until they have ended, reaped or not") {
  const Leader leader;
  CHECK(group_members(leader.pid()) == std::vector<pid_t>{leader.pid()});
  leader.kill();
  CHECK(group_members(leader.pid()).empty());
}

TEST_CASE("TCP_NODELAY is seen at the other end of a connection") {
  const Connection connection;
  const auto look = [&] { return nodelay_of_peer({::getpid()}, connection.port()); };
  if (look() == Nodelay::unknown) return;  // A kernel without pidfd_getfd, or a container that forbids it.
  CHECK(look() == Nodelay::off);
  const int on = 1;
  ::setsockopt(connection.server(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  CHECK(look() == Nodelay::on);
  CHECK(nodelay_of_peer({}, connection.port()) == Nodelay::no_such_connection);
}

TEST_CASE("a child of ours is here, but no child of a supervisord") {
  const Leader leader;
  CHECK_FALSE(is_here(leader.pid(), ::getpid()));
  CHECK_FALSE(is_here(leader.pid(), 1));
  CHECK_FALSE(is_here(0, 0));
}
