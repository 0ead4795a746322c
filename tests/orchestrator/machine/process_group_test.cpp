#include "orchestrator/machine/process_group.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace wsbench::machine;

namespace {

namespace fs = std::filesystem;

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

/// A process by the name of supervisord, whose child leads a group of two.
class NamedSupervisord {
 public:
  NamedSupervisord() {
    constexpr const char* kScript =
        "import os, time\n"
        "if os.fork() == 0:\n"
        "  os.setpgrp()\n"
        "  os.fork()\n"
        "else:\n"
        "  os.wait()\n"
        "time.sleep(60)\n";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execl("/usr/bin/python3", "supervisord", "-c", kScript, nullptr);
      ::_exit(127);
    }
  }
  ~NamedSupervisord() {
    if (const pid_t leader = child(); leader > 0) ::kill(-leader, SIGKILL);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  NamedSupervisord(const NamedSupervisord&) = delete;
  NamedSupervisord& operator=(const NamedSupervisord&) = delete;

  pid_t pid() const { return pid_; }
  /// 0 as long as there is none.
  pid_t child() const {
    pid_t child = 0;
    std::ifstream(fmt::format("/proc/{0}/task/{0}/children", pid_)) >> child;
    return child;
  }

 private:
  pid_t pid_ = -1;
};

template <typename Condition>
bool until(const Condition& condition) {
  for (int i = 0; i < 3000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  return condition();
}

}  // namespace

TEST_CASE("a group has its processes until they have ended, reaped or not") {
  const Leader leader;
  const ProcessGroup group{leader.pid(), ::getsid(0)};
  CHECK(group_members(group) == std::vector<pid_t>{leader.pid()});
  leader.kill();
  CHECK(group_members(group).empty());
}

TEST_CASE("a group of the same number in another session is another") {
  const Leader leader;
  CHECK(group_members({leader.pid(), ::getsid(0) + 1}).empty());
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

TEST_CASE("a look at a process's sockets that fails tells that it has ended only when it has") {
  const Connection connection;
  pid_t ended = 0;
  {
    const Leader leader;
    ended = leader.pid();
  }
  CHECK(nodelay_of_peer({ended}, connection.port()) == Nodelay::no_such_connection);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const rlimit none{0, files.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  const auto seen = nodelay_of_peer({::getpid()}, connection.port());
  ::setrlimit(RLIMIT_NOFILE, &files);
  CHECK(seen == Nodelay::unknown);
}

TEST_CASE("a child of ours is no supervisord's") {
  const Leader leader;
  CHECK_FALSE(group_led_by(leader.pid(), ::getpid()));
  CHECK_FALSE(group_led_by(leader.pid(), 1));
  CHECK_FALSE(group_led_by(0, 0));
}

TEST_CASE("a child of a supervisord leads a group, which others of it may outlive") {
  NamedSupervisord supervisord;
  REQUIRE(until([&] {
    const auto group = group_led_by(supervisord.child(), supervisord.pid());
    return group && group_members(*group).size() == 2;
  }));
  const pid_t leader = supervisord.child();
  ::kill(leader, SIGKILL);
  REQUIRE(until([&] { return !fs::exists(fmt::format("/proc/{}", leader)); }));
  const auto group = group_led_by(leader, supervisord.pid());
  REQUIRE(group);
  CHECK(group_members(*group).size() == 1);
  ::kill(-leader, SIGKILL);
  CHECK(until([&] { return group_members(*group).empty(); }));
  CHECK_FALSE(group_led_by(leader, supervisord.pid()));
}
