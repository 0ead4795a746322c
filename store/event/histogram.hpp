#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "store/event/event.hpp"

namespace wsbench::event {

/// Durations counted in log-linear buckets: three significant decimal digits from 1 ns to about 2 hours
/// (longer ones count in the last bucket), a fixed size, and two can be added. Used from one thread.
/// The layout is HdrHistogram's: 2,048 linear sub-buckets, of which the upper half repeats for every
/// doubling.
class Histogram {
 public:
  // Values below 2 * kHalf have a bucket each; above, each doubling has kHalf buckets, so that a bucket is
  // never wider than 1/1024 of its values: three significant digits.
  static constexpr unsigned kHalfBits = 10;
  static constexpr std::uint64_t kHalf = 1ULL << kHalfBits;
  static constexpr unsigned kTopBit = 42;  // 2^43 ns are 2.4 hours
  static constexpr std::uint64_t kLargest = (2ULL << kTopBit) - 1;
  static constexpr std::size_t kBuckets = 2 * kHalf + (kTopBit - kHalfBits) * kHalf;

  /// A bucket's number, 0 to kBuckets - 1.
  using Bucket = std::uint16_t;
  static_assert(kBuckets <= std::size_t{1} << 16U);

  /// Where a duration counts, without a branch and without a division.
  static std::size_t bucket_of(Duration duration) noexcept {
    const auto value =
        std::min(static_cast<std::uint64_t>(std::max<Duration::rep>(duration.count(), 0)), kLargest);
    const auto top = 63U - static_cast<unsigned>(__builtin_clzll(value | kHalf));
    const unsigned shift = top - kHalfBits;
    return shift * kHalf + (value >> shift);
  }

  /// The same of `count` durations.
  static void buckets_of(const Duration* durations, std::size_t count, Bucket* buckets) noexcept;

  /// The longest duration that counts in a bucket; of the last one, which has no end, the longest possible.
  static Duration upper_bound_of(std::size_t bucket) noexcept;

  Histogram();

  void record(Duration duration) noexcept;  ///< negative durations count as 0
  void record(const Duration* durations, std::size_t count) noexcept;
  /// The same of durations whose buckets are known, and the longest of them.
  void record(const Bucket* buckets, std::size_t count, Duration longest) noexcept;
  void add(const Histogram& other) noexcept;
  /// Takes out what `earlier`, a former state of this very histogram, has: the rest is what came since. max()
  /// stays.
  void subtract(const Histogram& earlier) noexcept;
  void clear() noexcept;

  std::uint64_t count() const noexcept { return count_; }
  Duration max() const noexcept { return max_; }
  /// Of all values, each taken as its bucket's middle: at most 0.05 % off.
  Duration sum() const noexcept;
  /// The smallest recorded bucket's upper bound that at least q * count() values lie at or below, never above
  /// max(), which the last bucket's is; q in [0, 1]. None when empty.
  std::optional<Duration> quantile(double q) const noexcept;
  /// The same by rank, from 1 to count().
  Duration value_at(std::uint64_t rank) const noexcept;
  /// The values of all buckets that lie wholly at or below `limit`: exact to a bucket's width, never more
  /// than there are, and growing with `limit`.
  std::uint64_t count_at_or_below(Duration limit) const noexcept;

 private:
  std::vector<std::uint32_t> buckets_;
  std::uint64_t count_ = 0;
  Duration max_{0};
};

}  // namespace wsbench::event
