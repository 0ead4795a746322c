#include "orchestrator/interrupt.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <string_view>

namespace wsbench::orchestrator {

namespace {

constexpr int kInterrupted = 130;

void say(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

sigset_t ending_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  // A terminal that is closed, unless nohup has said that it does not matter.
  struct sigaction hangup {};
  if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) ::sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  const auto set = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A reader that goes away (a pipe to head) is an error of that write, not the end of the suite.
  ::signal(SIGPIPE, SIG_IGN);
  waiter_ = std::jthread([this](const std::stop_token& ended) {
    const auto waited_for = ending_signals();
    const timespec interval{0, 100'000'000};
    while (!ended.stop_requested()) {
      if (::sigtimedwait(&waited_for, nullptr, &interval) < 0) continue;
      if (source_.stop_requested()) ::_exit(kInterrupted);
      say("\ninterrupted: ending in good order; once more to end at once\n");
      source_.request_stop();
    }
  });
}

Interrupt::~Interrupt() = default;

}  // namespace wsbench::orchestrator
