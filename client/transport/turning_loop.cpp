#include "client/transport/turning_loop.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <utility>

namespace wsbench::client::transport {

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
