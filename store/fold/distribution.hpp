#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "store/event/histogram.hpp"
#include "store/fold/duration_sum.hpp"

namespace wsbench::store {

/// Durations, of which some never ended (lost messages): those count as longer than all others. Up to kExact
/// of them are kept as they are, and every figure is exact; more are counted in a histogram, and quantiles
/// are the upper bounds of its buckets, at most 0.1 % above; count, min, max and mean stay exact. What is
/// told depends on the durations alone, not on their order or on how they came together. Used from one
/// thread.
class Distribution {
 public:
  static constexpr std::size_t kExact = std::size_t{1} << 17U;

  Distribution() = default;
  /// `censored` of them were given up at once.
  Distribution(const std::vector<event::Duration>& values, std::uint64_t censored);

  void record(const event::Duration* values, std::size_t count);
  /// The same when it is known already where in a histogram they would count.
  void record(const event::Duration* values, const event::Histogram::Bucket* buckets, std::size_t count);
  void record(event::Duration value) { record(&value, 1); }
  /// One that was given up when it had lasted for `at_least`.
  void censor(event::Duration at_least) noexcept {
    ++censored_;
    waited_.add(at_least);
  }
  void add(const Distribution& other);

  /// To be called once after the last record() or add(), before the first quantile().
  void seal();

  std::uint64_t count() const noexcept { return count_; }        ///< of those that ended
  std::uint64_t censored() const noexcept { return censored_; }  ///< of those that did not
  bool empty() const noexcept { return count_ == 0; }
  bool exact() const noexcept { return !histogram_; }

  /// The smallest value that at least a share q of all, the censored among them, do not exceed (nearest
  /// rank). None when there are no values, or when that rank falls among the censored.
  std::optional<event::Duration> quantile(double q) const noexcept;
  std::optional<event::Duration> min() const noexcept;
  std::optional<event::Duration> max() const noexcept;   ///< of those that ended
  std::optional<event::Duration> mean() const noexcept;  ///< of those that ended, rounded towards 0
  /// Of all, the censored ones as long as they were waited for: their mean is at least that. None when there
  /// are neither.
  std::optional<event::Duration> mean_at_least() const noexcept;
  /// The quantile of those that ended alone.
  std::optional<event::Duration> quantile_of_ended(double q) const noexcept;
  const DurationSum& sum() const noexcept { return sum_; }  ///< of those that ended

  /// All values in their order once sealed, while exact().
  const std::vector<event::Duration>& sorted() const noexcept { return values_; }

 private:
  void measure(const event::Duration* values, std::size_t count) noexcept;
  void count_in_histogram();
  /// By rank, from 1 to count_.
  event::Duration value_at(std::uint64_t rank) const noexcept;

  std::vector<event::Duration> values_;  ///< while there are at most kExact
  std::optional<event::Histogram> histogram_;
  std::uint64_t count_ = 0;
  std::uint64_t censored_ = 0;
  event::Duration min_ = event::Duration::max();
  event::Duration max_ = event::Duration::min();
  DurationSum sum_;     ///< of those that ended
  DurationSum waited_;  ///< for those that did not
  bool sealed_ = true;
};

}  // namespace wsbench::store
