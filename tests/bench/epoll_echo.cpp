#include "tests/bench/epoll_echo.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stop_token>
#include <utility>

#include "client/null_echo/null_echo.hpp"
#include "client/probe/probe.hpp"
#include "tests/support/free_port.hpp"

namespace wsbench::bench {

namespace {

constexpr auto kStartLimit = std::chrono::seconds{5};

[[noreturn]] void serve(std::uint16_t port, int cpu) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    ::sched_setaffinity(0, sizeof set, &set);
  }
  ::_exit(client::serve_null_echo(port, std::stop_token()) ? 0 : 1);
}

}  // namespace

tl::expected<EpollEcho, int> EpollEcho::start(int cpu) {
  const auto port = static_cast<std::uint16_t>(test::free_port());
  const pid_t child = ::fork();
  if (child < 0) return tl::unexpected(errno);
  if (child == 0) serve(port, cpu);
  EpollEcho server(child, port);
  const auto deadline = std::chrono::steady_clock::now() + kStartLimit;
  while (!client::probe_echo({"127.0.0.1", port, "/"}, std::chrono::seconds{1})) {
    if (std::chrono::steady_clock::now() >= deadline) return tl::unexpected(ETIMEDOUT);
    ::usleep(2000);
  }
  return server;
}

EpollEcho::EpollEcho(EpollEcho&& other) noexcept
    : child_(std::exchange(other.child_, -1)), port_(other.port_) {}

EpollEcho::~EpollEcho() {
  if (child_ < 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

}  // namespace wsbench::bench
