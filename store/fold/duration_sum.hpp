#pragma once

#include <cstdint>

#include "store/event/event.hpp"

namespace wsbench::store {

/// An exact sum of durations of either sign, the same in whatever order they are added. No number of them
/// that fits into memory or time overflows it. Used from one thread.
class DurationSum {
 public:
  void add(event::Duration duration) noexcept {
    const event::Duration::rep value = duration.count();
    low_ += static_cast<std::uint64_t>(value) & 0xFFFFFFFFU;
    high_ += (value >> 32) + static_cast<std::int64_t>(low_ >> 32U);
    low_ &= 0xFFFFFFFFU;
  }
  void subtract(event::Duration duration) noexcept { add(-duration); }

  void add(const DurationSum& other) noexcept {
    high_ += other.high_ + static_cast<std::int64_t>((low_ + other.low_) >> 32U);
    low_ = (low_ + other.low_) & 0xFFFFFFFFU;
  }

  /// In nanoseconds.
  long double count() const noexcept {
    return static_cast<long double>(high_) * 0x1p32L + static_cast<long double>(low_);
  }

 private:
  std::int64_t high_ = 0;  ///< the sum is high_ * 2^32 + low_
  std::uint64_t low_ = 0;
};

}  // namespace wsbench::store
