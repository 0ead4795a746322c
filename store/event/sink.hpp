#pragma once

#include <memory>

#include "store/event/block.hpp"

namespace wsbench::event {

/// Where full blocks go. Thread-safe: every shard calls it, and neither call waits for a disk or for another
/// shard's work. It outlives every load that was given it.
class Sink {
 public:
  virtual ~Sink() = default;

  /// An empty block to fill, or nullptr when as many as are allowed are in flight: the caller then counts the
  /// events that it cannot record, and the run is marked invalid; the load never stalls.
  virtual std::unique_ptr<Block> acquire() noexcept = 0;

  /// Takes a block that has at least one event.
  virtual void submit(std::unique_ptr<Block> block) noexcept = 0;
};

}  // namespace wsbench::event
