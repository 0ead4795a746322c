#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "store/event/block.hpp"
#include "store/event/sink.hpp"

namespace wsbench::client {

/// Fills a shard's event blocks and hands them to the sink: when one is full, when the phase changes, and
/// when its first event is a second old, so that a kill loses no more. Samples of the instrument have blocks
/// of their own: among messages they would cost each of those room in the store and time to fold. Without a
/// block events are counted as lost and the sink is asked again after a few milliseconds. Used from one
/// thread; the sink must outlive it.
class Recorder {
 public:
  Recorder(event::Sink& sink, std::uint16_t round, std::uint16_t shard) noexcept;
  ~Recorder() { submit(); }

  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// Precondition: times do not decrease by more than the sends of one wake-up take.
  void record(const event::Event& event) noexcept { append(event, block_); }
  void record_sample(const event::Event& event) noexcept { append(event, samples_); }

  void enter(event::Phase phase) noexcept;

  /// Hands over what has waited for a second at `now`.
  void flush_old(event::Time now) noexcept;

  void submit() noexcept;

  std::uint64_t lost() const noexcept { return lost_; }

 private:
  using Filling = std::unique_ptr<event::Block>;

  void append(const event::Event& event, Filling& block) noexcept {
    if (block == nullptr && !acquire(event.time, block)) {
      ++lost_;
      return;
    }
    block->append(event);
    if (block->full()) submit(block);
  }

  bool acquire(event::Time now, Filling& block) noexcept;
  void submit(Filling& block) noexcept;

  event::Sink& sink_;
  event::BlockInfo info_;
  Filling block_, samples_;
  event::Time ask_again_{};
  std::uint64_t lost_ = 0;
};

}  // namespace wsbench::client
