#include "client/load/recorder.hpp"

#include <utility>

namespace wsbench::client {

namespace {

constexpr event::Duration kOldest = std::chrono::seconds{1};
constexpr event::Duration kAskAgain = std::chrono::milliseconds{2};

}  // namespace

Recorder::Recorder(event::Sink& sink, std::uint16_t round, std::uint16_t shard) noexcept : sink_(sink) {
  info_.round = round;
  info_.shard = shard;
}

void Recorder::enter(event::Phase phase) noexcept {
  submit();
  info_.phase = phase;
}

void Recorder::flush_old(event::Time now) noexcept {
  if (block_ != nullptr && !block_->empty() && now - block_->times().front() >= kOldest) submit();
}

void Recorder::submit() noexcept {
  if (block_ == nullptr || block_->empty()) return;
  block_->info = info_;
  ++info_.number;
  sink_.submit(std::move(block_));
}

bool Recorder::acquire(event::Time now) noexcept {
  if (now < ask_again_) return false;
  block_ = sink_.acquire();
  if (block_ == nullptr) ask_again_ = now + kAskAgain;
  return block_ != nullptr;
}

}  // namespace wsbench::client
