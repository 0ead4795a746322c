#include "store/event/histogram.hpp"

#include <algorithm>
#include <cstddef>

#include "store/event/rank.hpp"

namespace wsbench::event {

namespace {

// Values below 2 * kHalf have a bucket each; above, each doubling has kHalf buckets, so that a bucket is
// never wider than 1/1024 of its values: three significant digits.
constexpr unsigned kHalfBits = 10;
constexpr std::uint64_t kHalf = 1ULL << kHalfBits;
constexpr unsigned kTopBit = 42;  // 2^43 ns are 2.4 hours
constexpr std::uint64_t kLargest = (2ULL << kTopBit) - 1;
constexpr std::size_t kBuckets = 2 * kHalf + (kTopBit - kHalfBits) * kHalf;

std::size_t bucket_of(std::uint64_t value) noexcept {
  if (value < 2 * kHalf) return value;
  const auto top = 63U - static_cast<unsigned>(__builtin_clzll(value));
  const unsigned shift = top - kHalfBits;
  return shift * kHalf + (value >> shift);
}

std::uint64_t upper_bound_of(std::size_t bucket) noexcept {
  if (bucket < 2 * kHalf) return bucket;
  const auto shift = bucket / kHalf - 1;
  const auto mantissa = kHalf + bucket % kHalf;
  return ((mantissa + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(kBuckets) {}

void Histogram::record(Duration duration) noexcept {
  const auto value = static_cast<std::uint64_t>(std::max<Duration::rep>(duration.count(), 0));
  ++buckets_[bucket_of(std::min(value, kLargest))];
  ++count_;
  max_ = std::max(max_, Duration(static_cast<Duration::rep>(value)));
}

void Histogram::add(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

void Histogram::subtract(const Histogram& earlier) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] -= earlier.buckets_[i];
  count_ -= earlier.count_;
}

void Histogram::clear() noexcept {
  std::fill(buckets_.begin(), buckets_.end(), 0U);
  count_ = 0;
  max_ = Duration{0};
}

Duration Histogram::sum() const noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (buckets_[i] == 0) continue;
    const auto below = i == 0 ? 0 : upper_bound_of(i - 1) + 1;
    sum += static_cast<double>(buckets_[i]) * (static_cast<double>(below + upper_bound_of(i)) / 2);
  }
  return Duration(static_cast<Duration::rep>(sum));
}

std::optional<Duration> Histogram::quantile(double q) const noexcept {
  if (count_ == 0) return std::nullopt;
  const std::uint64_t rank = nearest_rank(q, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(Duration(static_cast<Duration::rep>(upper_bound_of(i))), max_);
  }
  return max_;
}

std::uint64_t Histogram::count_at_or_below(Duration limit) const noexcept {
  if (limit >= max_) return count_;
  if (limit.count() < 0) return 0;
  const auto largest = static_cast<std::uint64_t>(limit.count());
  std::uint64_t sum = 0;
  // The last bucket has no upper bound, and some value is above the limit.
  for (std::size_t i = 0; i + 1 < kBuckets && upper_bound_of(i) <= largest; ++i) sum += buckets_[i];
  return sum;
}

}  // namespace wsbench::event
