#include "client/transport/turning_loop.hpp"

#include <sys/eventfd.h>
#include <sys/prctl.h>

#include <algorithm>
#include <utility>

namespace wsbench::client::transport {

namespace {

/// The kernel may be late by a thread's timer slack, 50 us unless told otherwise: our lag, for no gain.
class ExactTimers {
 public:
  ExactTimers() noexcept : before_(::prctl(PR_GET_TIMERSLACK)) { ::prctl(PR_SET_TIMERSLACK, 1UL); }
  ~ExactTimers() {
    if (before_ > 0) ::prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(before_));
  }
  ExactTimers(const ExactTimers&) = delete;
  ExactTimers& operator=(const ExactTimers&) = delete;

 private:
  int before_;
};

}  // namespace

TurningLoop::TurningLoop() : doorbell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd") {}

void TurningLoop::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (tasks_.size() == 1) ::eventfd_write(doorbell(), 1);
}

void TurningLoop::wake_at(event::Time time) {
  wake_ = std::min(wake_, time);
}

void TurningLoop::run(std::function<void()> on_wake) {
  const ExactTimers exact;
  on_wake_ = std::move(on_wake);
  stopped_ = false;
  begin_running();
  while (!stopped_) {
    turn(wake_);
    if (std::exchange(has_rung_, false)) run_tasks();
    if (!stopped_ && event::Clock::now() >= wake_) {
      wake_ = event::Time::max();
      on_wake_();
    }
  }
  end_running();
}

void TurningLoop::run_tasks() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    eventfd_t rings = 0;
    ::eventfd_read(doorbell(), &rings);
    tasks.swap(tasks_);
  }
  for (auto& task : tasks) {
    if (!stopped_) task();
  }
}

}  // namespace wsbench::client::transport
