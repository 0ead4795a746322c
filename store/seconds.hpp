#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "store/event/histogram.hpp"
#include "store/fold.hpp"
#include "store/matcher.hpp"

namespace wsbench::store {

/// Gathers the seconds of a round from its matches in any order. A second costs about two bytes for each
/// bucket that its latencies fall into, once it is packed. Used from one thread.
class SecondSeries {
 public:
  /// Seconds are counted from `origin`; what lies before it is in seconds below 0.
  explicit SecondSeries(event::Time origin) : origin_(origin) {}

  void record(const Matches& matches);

  /// Makes small what was recorded since the last time.
  void pack();

  /// Precondition: both are packed, and of the same origin.
  void add(SecondSeries&& other);

  /// The seconds from the origin to the one of `last`. Precondition: packed.
  std::vector<Second> finish(event::Time last);

 private:
  using Buckets = std::vector<std::uint16_t>;
  struct Entry {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    event::Duration longest{0};
    Buckets fresh;  ///< of latencies, in the order of arrival
    /// The same counted: LEB128 pairs of what a bucket is more than the one before, and of its count. Every
    /// pack() begins anew with a bucket less than the last, told by a count of 0 before it.
    std::vector<std::uint8_t> packed;
  };
  static_assert(event::Histogram::kBuckets <= 0x10000);

  Entry& at(std::int64_t index);
  void count(const Matches& matches);
  void record_latencies(const Matches& matches);

  event::Time origin_;
  std::map<std::int64_t, Entry> entries_;
  std::vector<Buckets> spare_;         ///< empty ones that have memory
  std::vector<std::uint32_t> counts_;  ///< by bucket, all 0 between two calls
};

}  // namespace wsbench::store
