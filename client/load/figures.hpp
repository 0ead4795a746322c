#pragma once

#include <array>
#include <cstdint>
#include <mutex>

#include "client/load/load.hpp"
#include "store/event/histogram.hpp"

namespace wsbench::client {

/// What a shard counts; the sums over the shards are the load's Snapshot.
struct Counts {
  std::uint32_t attempted = 0;
  std::uint32_t established = 0;
  std::uint32_t open = 0;
  std::array<std::uint32_t, event::kReasons> ended{};
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t measured_sent = 0;
  std::uint64_t measured_received = 0;
  std::uint64_t outstanding = 0;  ///< messages of living clients that wait for their echo
  std::uint64_t overtaken = 0;    ///< of these, those whose turn has passed: most are lost
};

struct Figures {
  Counts counts;
  event::Histogram latency;
  event::Histogram lag;
};

/// A copy of a shard's figures for other threads. The shard never waits for a reader: when one is just
/// copying, it comes back later. Publishing costs about 30 us of copying while there is something to measure,
/// else nothing.
class PublishedFigures {
 public:
  /// False when a reader was in the way.
  bool try_publish(const Figures& figures) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock) copy(figures);
    return lock.owns_lock();
  }

  void publish(const Figures& figures) {
    const std::lock_guard lock(mutex_);
    copy(figures);
  }

  void add_to(Snapshot& snapshot) const {
    const std::lock_guard lock(mutex_);
    const Counts& counts = figures_.counts;
    snapshot.attempted += counts.attempted;
    snapshot.established += counts.established;
    snapshot.open += counts.open;
    for (std::size_t i = 0; i < event::kReasons; ++i) snapshot.ended[i] += counts.ended[i];
    snapshot.sent += counts.sent;
    snapshot.received += counts.received;
    snapshot.measured_sent += counts.measured_sent;
    snapshot.measured_received += counts.measured_received;
    snapshot.latency.add(figures_.latency);
    snapshot.lag.add(figures_.lag);
  }

 private:
  void copy(const Figures& figures) {
    figures_.counts = figures.counts;
    if (figures.latency.count() != figures_.latency.count()) figures_.latency = figures.latency;
    if (figures.lag.count() != figures_.lag.count()) figures_.lag = figures.lag;
  }

  mutable std::mutex mutex_;
  Figures figures_;
};

}  // namespace wsbench::client
