#pragma once

#include <cstdint>

#include "client/load/recorder.hpp"
#include "store/event/sink.hpp"

namespace wsbench::suite {

/// Samples the machine that a load runs on, as `instrument` events: apart from the shards, for reading
/// /proc/stat takes the longer the more CPUs there are. Used from one thread; the sink must outlive it.
class MachineSampler {
 public:
  /// The shard number of its blocks: no shard of the load has it.
  static constexpr std::uint16_t kShard = 0xFFFE;

  MachineSampler(event::Sink& sink, std::uint16_t round) noexcept : recorder_(sink, round, kShard) {}

  void sample(event::Phase phase);

  /// Samples that could not be recorded because the sink had no block.
  std::uint64_t lost_events() const noexcept { return recorder_.lost(); }

 private:
  client::Recorder recorder_;
};

}  // namespace wsbench::suite
