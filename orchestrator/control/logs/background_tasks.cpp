#include "orchestrator/control/logs/background_tasks.hpp"

#include <cassert>
#include <exception>
#include <utility>

#include "orchestrator/control/logs/background_thread.hpp"

namespace wsbench::control::logs {

BackgroundTasks::BackgroundTasks(std::size_t capacity) : capacity_(capacity), thread_([this] { run(); }) {
  assert(capacity > 0);
}

BackgroundTasks::~BackgroundTasks() {
  stop();
  thread_.join();
}

bool BackgroundTasks::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || waiting_.size() >= capacity_) return false;
    waiting_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

bool BackgroundTasks::is_full() const {
  const std::lock_guard lock(mutex_);
  return stopped_ || waiting_.size() >= capacity_;
}

void BackgroundTasks::stop() {
  std::deque<Task> dropped;  // whose captures may do anything when they end: not under the lock
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(waiting_);
  }
  changed_.notify_one();
}

void BackgroundTasks::run() {
  give_way_to_all_others("wsbench-task");
  for (;;) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
      if (stopped_) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
    try {
      task();
    } catch (const std::exception&) {
      // It has cost its own answer (500), and no other's.
    }
  }
}

}  // namespace wsbench::control::logs
