#include "client/load/coordinator.hpp"

#include <algorithm>
#include <utility>

namespace wsbench::client {

namespace {

/// From the announcement of a stage with a schedule to its begin: every shard has got the post by then.
constexpr event::Duration kNotice = std::chrono::milliseconds{5};

std::size_t index(Stage stage) noexcept {
  return static_cast<std::size_t>(stage);
}

}  // namespace

Coordinator::Coordinator(const Plan& plan, std::size_t shards, Announce announce)
    : plan_(plan), shards_(shards), announce_(std::move(announce)) {}

void Coordinator::begin() {
  const std::lock_guard lock(mutex_);
  enter(Stage::ramp, event::Clock::now());
}

void Coordinator::stop() noexcept {
  const std::lock_guard lock(mutex_);
  if (stage_ >= Stage::closing) return;
  stopped_early_ = true;
  enter(Stage::closing, event::Clock::now());
}

void Coordinator::finished(Stage stage, std::uint32_t open) {
  const std::lock_guard lock(mutex_);
  if (stage != stage_) return;  // stop() came first.
  open_ += open;
  if (++finished_ < shards_) return;
  const event::Time now = event::Clock::now();
  Stage next = after(stage);
  if (next < Stage::closing && open_ == 0) next = Stage::closing;
  if (next == Stage::closing && (stage != Stage::measuring || now < times_.measuring_ends)) {
    stopped_early_ = true;
  }
  const bool scheduled = next == Stage::warm_up || next == Stage::measuring;
  enter(next, scheduled ? now + kNotice : now);
}

void Coordinator::enter(Stage stage, event::Time at) {
  stage_ = stage;
  finished_ = 0;
  open_ = 0;
  times_.began[index(stage)] = at;
  if (stage == Stage::measuring) times_.measuring_ends = at + plan_.measuring;
  if (stage == Stage::closing && times_.measuring_ends != event::Time{}) {
    times_.measuring_ends = std::min(times_.measuring_ends, at);
  }
  if (stage == Stage::done) {
    changed_.notify_all();
  } else {
    announce_(stage, at);
  }
}

Stage Coordinator::after(Stage stage) const noexcept {
  if (stage == Stage::ramp && plan_.warm_up <= plan_.warm_up.zero()) return Stage::measuring;
  return static_cast<Stage>(index(stage) + 1);
}

bool Coordinator::done() const {
  const std::lock_guard lock(mutex_);
  return stage_ == Stage::done;
}

bool Coordinator::wait_for(event::Duration limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return stage_ == Stage::done; });
}

void Coordinator::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stage_ == Stage::done; });
}

Coordinator::Times Coordinator::times() const {
  const std::lock_guard lock(mutex_);
  return times_;
}

bool Coordinator::stopped_early() const {
  const std::lock_guard lock(mutex_);
  return stopped_early_;
}

}  // namespace wsbench::client
