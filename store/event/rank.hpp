#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace wsbench::event {

/// The rank, from 1 to `count`, of the smallest of `count` ordered values that at least a share q of them do
/// not exceed: the nearest-rank quantile. A share is meant as it is written: 0.07 of 100 is the 7th, although
/// neither 0.07 nor the product is exact in binary. Precondition: count > 0.
inline std::uint64_t nearest_rank(double q, std::uint64_t count) noexcept {
  const double exact = q * static_cast<double>(count);
  const double rounded = std::ceil(exact - exact * 1e-12);
  return rounded < 1.0 ? 1 : std::min(static_cast<std::uint64_t>(rounded), count);
}

}  // namespace wsbench::event
