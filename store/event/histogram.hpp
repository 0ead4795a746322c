#pragma once

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
  Histogram();

  void record(Duration duration) noexcept;  ///< negative durations count as 0
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
  /// max(); q in [0, 1]. None when empty.
  std::optional<Duration> quantile(double q) const noexcept;
  /// The values of all buckets that lie wholly at or below `limit`: exact to a bucket's width, never more
  /// than there are, and growing with `limit`.
  std::uint64_t count_at_or_below(Duration limit) const noexcept;

 private:
  std::vector<std::uint32_t> buckets_;
  std::uint64_t count_ = 0;
  Duration max_{0};
};

}  // namespace wsbench::event
