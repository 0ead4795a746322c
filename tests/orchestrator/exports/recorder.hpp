#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "store/run/writer.hpp"

// Runs made up for tests, as a shard of a load would record them.

namespace wsbench::test {

constexpr event::Time kStart{std::chrono::seconds{1'700'000'000}};

/// Fills blocks as a shard does: a new one for every phase, and when one is full or has `capacity` events.
/// Times count from kStart.
class Recorder {
 public:
  explicit Recorder(event::Sink& sink, std::uint16_t shard = 0,
                    std::size_t capacity = event::Block::kCapacity)
      : sink_(sink), capacity_(capacity) {
    info_.shard = shard;
  }

  void round(std::uint16_t number) {
    flush();
    info_ = {.round = number, .shard = info_.shard};
  }
  void phase(event::Phase phase) {
    flush();
    info_.phase = phase;
  }
  void add(event::Kind kind, event::Duration at, std::uint32_t client, std::uint32_t sequence = 0,
           std::uint64_t value = 0) {
    if (!block_) {
      block_ = sink_.acquire();
      if (!block_) throw std::runtime_error("no block is free");
      block_->info = info_;
      ++info_.number;
    }
    block_->append({kStart + at, value, client, sequence, kind});
    if (block_->size() == capacity_) flush();
  }
  void send(event::Duration at, event::Duration lag, std::uint32_t client, std::uint32_t sequence) {
    add(event::Kind::send_message, at, client, sequence, static_cast<std::uint64_t>(lag.count()));
  }
  void end(event::Kind kind, event::Duration at, std::uint32_t client, event::Ending ending) {
    add(kind, at, client, 0, ending.packed());
  }
  void flush() {
    if (block_) sink_.submit(std::move(block_));
    block_.reset();
  }

 private:
  event::Sink& sink_;
  const std::size_t capacity_;
  std::unique_ptr<event::Block> block_;
  event::BlockInfo info_;
};

}  // namespace wsbench::test
