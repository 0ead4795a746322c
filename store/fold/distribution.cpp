#include "store/fold/distribution.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>

#include "store/event/rank.hpp"

namespace wsbench::store {

namespace {

using event::Duration;
using event::Histogram;

/// Radix sort, the least significant byte first; a byte that all values share costs nothing, and durations
/// differ in three or four. Several times as fast as std::sort, for twice the memory.
void sort(std::vector<Duration>& values) {
  constexpr unsigned kBits = 8;
  constexpr std::size_t kBuckets = std::size_t{1} << kBits;
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;  // flipped, it has negative values come first
  const auto key = [](Duration value) { return static_cast<std::uint64_t>(value.count()) ^ kSign; };

  std::uint64_t differing = 0;
  for (const Duration value : values) differing |= key(value) ^ key(values.front());

  std::vector<Duration> sorted;
  for (unsigned shift = 0; shift < 64; shift += kBits) {
    if ((differing >> shift) % kBuckets == 0) continue;
    std::array<std::size_t, kBuckets> places{};
    for (const Duration value : values) ++places[(key(value) >> shift) % kBuckets];
    std::exclusive_scan(places.begin(), places.end(), places.begin(), std::size_t{0});
    sorted.resize(values.size());
    for (const Duration value : values) sorted[places[(key(value) >> shift) % kBuckets]++] = value;
    values.swap(sorted);
  }
}

}  // namespace

Distribution::Distribution(const std::vector<Duration>& values, std::uint64_t censored)
    : censored_(censored) {
  record(values.data(), values.size());
  seal();
}

void Distribution::record(const Duration* values, std::size_t count) {
  std::array<Histogram::Bucket, 512> buckets;
  for (std::size_t size = 0; count > 0; values += size, count -= size) {
    size = std::min(count, buckets.size());
    Histogram::buckets_of(values, size, buckets.data());
    record(values, buckets.data(), size);
  }
}

void Distribution::record(const Duration* values, const Histogram::Bucket* buckets, std::size_t count) {
  measure(values, count);
  if (!histogram_ && count_ > kExact) count_in_histogram();
  if (histogram_)
    histogram_->record(buckets, count, max_);
  else
    values_.insert(values_.end(), values, values + count);
  sealed_ = false;
}

/// Everything but how they are distributed.
void Distribution::measure(const Duration* values, std::size_t count) noexcept {
  auto min = min_.count(), max = max_.count();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = values[i].count();
    sum += static_cast<std::uint64_t>(value);
    min = std::min(min, value);
    max = std::max(max, value);
  }
  min_ = Duration(min);
  max_ = Duration(max);
  constexpr std::int64_t kSummable = std::int64_t{1} << 40U;
  if (count < (std::size_t{1} << 22U) && min > -kSummable && max < kSummable) {
    sum_.add(Duration(static_cast<Duration::rep>(sum)));
  } else {
    for (std::size_t i = 0; i < count; ++i) sum_.add(values[i]);
  }
  count_ += count;
}

void Distribution::add(const Distribution& other) {
  sum_.add(other.sum_);
  waited_.add(other.waited_);
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  censored_ += other.censored_;
  if (!histogram_ && (other.histogram_ || count_ > kExact)) count_in_histogram();
  if (other.histogram_)
    histogram_->add(*other.histogram_);
  else if (histogram_)
    histogram_->record(other.values_.data(), other.values_.size());
  else
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  sealed_ = false;
}

void Distribution::count_in_histogram() {
  histogram_.emplace();
  histogram_->record(values_.data(), values_.size());
  values_ = {};
}

void Distribution::seal() {
  sort(values_);
  sealed_ = true;
}

std::optional<Duration> Distribution::quantile(double q) const noexcept {
  assert(q >= 0.0 && q <= 1.0 && sealed_);
  if (empty()) return std::nullopt;
  const std::uint64_t rank = event::nearest_rank(q, count_ + censored_);
  if (rank > count_) return std::nullopt;
  return value_at(rank);
}

std::optional<Duration> Distribution::quantile_of_ended(double q) const noexcept {
  assert(q >= 0.0 && q <= 1.0 && sealed_);
  if (empty()) return std::nullopt;
  return value_at(event::nearest_rank(q, count_));
}

Duration Distribution::value_at(std::uint64_t rank) const noexcept {
  if (!histogram_) return values_[rank - 1];
  return std::clamp(histogram_->value_at(rank), min_, max_);
}

std::optional<Duration> Distribution::min() const noexcept {
  if (empty()) return std::nullopt;
  return min_;
}

std::optional<Duration> Distribution::max() const noexcept {
  if (empty()) return std::nullopt;
  return max_;
}

std::optional<Duration> Distribution::mean() const noexcept {
  if (empty()) return std::nullopt;
  return Duration(static_cast<Duration::rep>(sum_.count() / static_cast<long double>(count_)));
}

std::optional<Duration> Distribution::mean_at_least() const noexcept {
  if (count_ + censored_ == 0) return std::nullopt;
  const long double sum = sum_.count() + waited_.count();
  return Duration(static_cast<Duration::rep>(sum / static_cast<long double>(count_ + censored_)));
}

}  // namespace wsbench::store
