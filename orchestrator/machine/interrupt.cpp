#include "orchestrator/machine/interrupt.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <string_view>
#include <utility>

namespace wsbench::machine {

namespace {

constexpr int kInterrupted = 130;

void say(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

/// SIGHUP among them unless it is ignored: nohup says that a closed terminal does not matter.
sigset_t ending_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
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
    // SIGHUP always: on_hangup() may want it later.
    auto waited_for = ending_signals();
    ::sigaddset(&waited_for, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &waited_for, nullptr);
    const timespec interval{0, 100'000'000};
    while (!ended.stop_requested()) {
      const int signal = ::sigtimedwait(&waited_for, nullptr, &interval);
      if (signal < 0 || (signal == SIGHUP && act_on_hangup())) continue;
      if (source_.stop_requested()) ::_exit(kInterrupted);
      say("\ninterrupted: stopping in order; interrupt again to end at once\n");
      source_.request_stop();
    }
  });
}

Interrupt::~Interrupt() = default;

Interrupt::Hangup Interrupt::on_hangup(std::function<void()> action) {
  sigset_t hangup;
  ::sigemptyset(&hangup);
  ::sigaddset(&hangup, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &hangup, nullptr);
  ::signal(SIGHUP, SIG_DFL);
  const std::lock_guard lock(mutex_);
  hangup_ = std::move(action);
  return Hangup(*this);
}

Interrupt::Hangup::~Hangup() {
  const std::lock_guard lock(interrupt_.mutex_);
  interrupt_.hangup_ = nullptr;
}

bool Interrupt::act_on_hangup() {
  const std::lock_guard lock(mutex_);
  if (!hangup_) return false;
  hangup_();
  return true;
}

}  // namespace wsbench::machine
