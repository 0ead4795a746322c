#include "store/event/histogram.hpp"

#include <algorithm>
#include <cstddef>

#include "store/event/rank.hpp"

namespace wsbench::event {

namespace {

constexpr std::uint64_t kHalf = Histogram::kHalf;

std::uint64_t last_value_of(std::size_t bucket) noexcept {
  if (bucket < 2 * kHalf) return bucket;
  const auto shift = bucket / kHalf - 1;
  const auto mantissa = kHalf + bucket % kHalf;
  return ((mantissa + 1) << shift) - 1;
}

}  // namespace

void Histogram::buckets_of(const Duration* durations, std::size_t count, Bucket* buckets) noexcept {
  for (std::size_t i = 0; i < count; ++i) buckets[i] = static_cast<Bucket>(bucket_of(durations[i]));
}

Duration Histogram::upper_bound_of(std::size_t bucket) noexcept {
  if (bucket + 1 >= kBuckets) return Duration::max();
  return Duration(static_cast<Duration::rep>(last_value_of(bucket)));
}

Histogram::Histogram() : buckets_(kBuckets) {}

void Histogram::record(Duration duration) noexcept {
  record(&duration, 1);
}

void Histogram::record(const Duration* durations, std::size_t count) noexcept {
  std::uint32_t* const buckets = buckets_.data();
  Duration max = max_;
  for (std::size_t i = 0; i < count; ++i) {
    ++buckets[bucket_of(durations[i])];
    max = std::max(max, durations[i]);
  }
  max_ = max;
  count_ += count;
}

void Histogram::record(const Bucket* buckets, std::size_t count, Duration longest) noexcept {
  std::uint32_t* const counts = buckets_.data();
  for (std::size_t i = 0; i < count; ++i) ++counts[buckets[i]];
  max_ = std::max(max_, longest);
  count_ += count;
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
    const auto below = i == 0 ? 0 : last_value_of(i - 1) + 1;
    sum += static_cast<double>(buckets_[i]) * (static_cast<double>(below + last_value_of(i)) / 2);
  }
  return Duration(static_cast<Duration::rep>(sum));
}

std::optional<Duration> Histogram::quantile(double q) const noexcept {
  if (count_ == 0) return std::nullopt;
  return value_at(nearest_rank(q, count_));
}

Duration Histogram::value_at(std::uint64_t rank) const noexcept {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(upper_bound_of(i), max_);
  }
  return max_;
}

std::uint64_t Histogram::count_at_or_below(Duration limit) const noexcept {
  if (limit >= max_) return count_;
  if (limit.count() < 0) return 0;
  const auto largest = static_cast<std::uint64_t>(limit.count());
  std::uint64_t sum = 0;
  // The last bucket has no upper bound, and some value is above the limit.
  for (std::size_t i = 0; i + 1 < kBuckets && last_value_of(i) <= largest; ++i) sum += buckets_[i];
  return sum;
}

}  // namespace wsbench::event
