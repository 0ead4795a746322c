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
  for (Filling* const block : {&block_, &samples_}) {
    if (*block != nullptr && !(*block)->empty() && now - (*block)->times().front() >= kOldest) submit(*block);
  }
}

void Recorder::submit() noexcept {
  submit(block_);
  submit(samples_);
}

void Recorder::submit(Filling& block) noexcept {
  if (block == nullptr || block->empty()) return;
  block->info = info_;
  ++info_.number;
  sink_.submit(std::move(block));
}

bool Recorder::acquire(event::Time now, Filling& block) noexcept {
  if (now < ask_again_) return false;
  block = sink_.acquire();
  if (block == nullptr) ask_again_ = now + kAskAgain;
  return block != nullptr;
}

}  // namespace wsbench::client
