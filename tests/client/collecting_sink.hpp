#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "store/event/sink.hpp"

namespace wsbench::client::testing {

/// Keeps every event. It can be told to have no block left after some.
class CollectingSink final : public event::Sink {
 public:
  struct Recorded {
    event::BlockInfo info;
    event::Event event;
  };

  explicit CollectingSink(std::size_t blocks = SIZE_MAX) : left_(blocks) {}

  std::unique_ptr<event::Block> acquire() noexcept override {
    const std::lock_guard lock(mutex_);
    if (left_ == 0) return nullptr;
    --left_;
    return std::make_unique<event::Block>();
  }

  void submit(std::unique_ptr<event::Block> block) noexcept override {
    const std::lock_guard lock(mutex_);
    empty_block_seen_ = empty_block_seen_ || block->empty();
    blocks_.push_back(std::move(block));
  }

  void allow(std::size_t blocks) {
    const std::lock_guard lock(mutex_);
    left_ = blocks;
  }

  std::vector<Recorded> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<Recorded> events;
    for (const auto& block : blocks_) {
      for (std::size_t i = 0; i < block->size(); ++i) events.push_back({block->info, (*block)[i]});
    }
    return events;
  }

  std::vector<Recorded> of(event::Kind kind) const {
    std::vector<Recorded> events = all();
    events.erase(std::remove_if(events.begin(), events.end(),
                                [&](const Recorded& recorded) { return recorded.event.kind != kind; }),
                 events.end());
    return events;
  }

  std::vector<event::BlockInfo> infos() const {
    const std::lock_guard lock(mutex_);
    std::vector<event::BlockInfo> infos;
    for (const auto& block : blocks_) infos.push_back(block->info);
    return infos;
  }

  bool empty_block_seen() const {
    const std::lock_guard lock(mutex_);
    return empty_block_seen_;
  }

 private:
  mutable std::mutex mutex_;
  std::size_t left_;
  std::vector<std::unique_ptr<event::Block>> blocks_;
  bool empty_block_seen_ = false;
};

}  // namespace wsbench::client::testing
