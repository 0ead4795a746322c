#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "store/event/histogram.hpp"
#include "store/fold/fold.hpp"
#include "store/fold/matcher.hpp"

namespace wsbench::store {

/// Gathers the seconds of a round from its matches in any order. A second costs about two bytes for each
/// bucket that its latencies fall into, once it is packed. Used from one thread.
class SecondSeries {
 public:
  /// Seconds are counted from `origin`; what lies before it is in seconds below 0.
  explicit SecondSeries(event::Time origin) : origin_(origin) {}

  /// `latency_buckets`: of the matches' latencies.
  void record(const Matches& matches, const event::Histogram::Bucket* latency_buckets);

  /// Makes small what was recorded since the last time.
  void pack();

  /// Precondition: both are packed, and of the same origin.
  void add(SecondSeries&& other);

  /// The seconds from the origin to the one of `last`. Precondition: packed.
  std::vector<Second> finish(event::Time last);

 private:
  using Buckets = std::vector<event::Histogram::Bucket>;
  struct Entry {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    event::Duration longest{0};
    Buckets fresh;  ///< of latencies, in the order of arrival
    /// The same counted: LEB128 pairs of what a bucket is more than the one before, and of its count. Every
    /// pack() begins anew with a bucket less than the last, told by a count of 0 before it.
    std::vector<std::uint8_t> packed;
  };

  /// Counts by bucket.
  class Counts {
   public:
    void add(std::size_t bucket, std::uint32_t count) noexcept {
      counts_[bucket] += count;
      used_[bucket / 64] |= std::uint64_t{1} << (bucket % 64);
    }
    /// Calls `each` with every bucket that was counted, in their order, and its count; then forgets them.
    template <typename Each>
    void drain(Each&& each);

   private:
    std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(event::Histogram::kBuckets);
    std::vector<std::uint64_t> used_ = std::vector<std::uint64_t>(event::Histogram::kBuckets / 64);
  };
  static_assert(event::Histogram::kBuckets % 64 == 0);

  Entry& at(std::int64_t index);
  void count(const Matches& matches);
  void record_latencies(const Matches& matches, const event::Histogram::Bucket* buckets);

  /// Counts what an entry has packed; returns how many.
  std::uint64_t unpack(const std::vector<std::uint8_t>& packed) noexcept;
  /// Forgets the counts.
  void find_quantiles(std::uint64_t all, event::Duration longest, Second& second) noexcept;

  event::Time origin_;
  std::map<std::int64_t, Entry> entries_;
  std::vector<Buckets> spare_;        ///< empty ones that have memory
  Counts counts_;                     ///< none between two calls
  std::vector<std::uint8_t> packed_;  ///< memory for pack() alone
};

}  // namespace wsbench::store
