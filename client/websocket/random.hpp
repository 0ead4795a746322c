#pragma once

#include <cstdint>

namespace wsbench::client {

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): 8 bytes of state, so that every client can have its own,
/// and the same numbers on every platform, which the distributions of the standard library do not promise.
/// Not for secrets. Used from one thread. (Clean in C++17 and C++20.)
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept { return mixed(state_ += 0x9E3779B97F4A7C15ULL); }

  /// Uniform in [0, 1).
  double unit() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

  /// A bijection in which every bit of the result depends on every bit of the value.
  static std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31U);
  }

 private:
  std::uint64_t state_;
};

}  // namespace wsbench::client
