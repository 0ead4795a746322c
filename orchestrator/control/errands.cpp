#include "orchestrator/control/errands.hpp"

#include <cassert>
#include <exception>
#include <utility>

#include "orchestrator/control/background_thread.hpp"

namespace wsbench::control {

Errands::Errands(std::size_t capacity) : capacity_(capacity), thread_([this] { run(); }) {
  assert(capacity > 0);
}

Errands::~Errands() {
  stop();
  thread_.join();
}

bool Errands::post(Errand errand) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || waiting_.size() >= capacity_) return false;
    waiting_.push_back(std::move(errand));
  }
  changed_.notify_one();
  return true;
}

bool Errands::is_full() const {
  const std::lock_guard lock(mutex_);
  return stopped_ || waiting_.size() >= capacity_;
}

void Errands::stop() {
  std::deque<Errand> dropped;  // whose captures may do anything when they end: not under the lock
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(waiting_);
  }
  changed_.notify_one();
}

void Errands::run() {
  give_way_to_all_others("wsbench-errand");
  for (;;) {
    Errand errand;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
      if (stopped_) return;
      errand = std::move(waiting_.front());
      waiting_.pop_front();
    }
    try {
      errand();
    } catch (const std::exception&) {
      // It has cost its own answer (500), and no other's.
    }
  }
}

}  // namespace wsbench::control
