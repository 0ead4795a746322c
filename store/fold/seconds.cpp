#include "store/fold/seconds.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "store/event/rank.hpp"

namespace wsbench::store {

namespace {

using event::Duration;
using event::Histogram;
using event::Time;

constexpr Duration kSecond = std::chrono::seconds{1};

void append_varint(std::vector<std::uint8_t>& to, std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) to.push_back(static_cast<std::uint8_t>(value | 0x80U));
  to.push_back(static_cast<std::uint8_t>(value));
}

std::uint64_t take_varint(const std::uint8_t*& from) noexcept {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const std::uint64_t byte = *from++;
    value |= (byte & 0x7FU) << shift;
    if (byte < 0x80U) return value;
  }
}

/// A second that is at hand: whether a time lies in it is told without a division.
class Current {
 public:
  explicit Current(Time origin) : origin_(origin) {}
  std::int64_t index() const noexcept { return index_; }
  bool holds(Time time) const noexcept {
    return static_cast<std::uint64_t>((time - begin_).count()) < static_cast<std::uint64_t>(kSecond.count());
  }
  void move_to(Time time) noexcept {
    const Duration since = time - origin_;
    index_ = since / kSecond - (since % kSecond < Duration::zero() ? 1 : 0);
    begin_ = origin_ + index_ * kSecond;
  }

 private:
  Time origin_, begin_ = origin_;
  std::int64_t index_ = 0;
};

}  // namespace

SecondSeries::Entry& SecondSeries::at(std::int64_t index) {
  Entry& entry = entries_[index];
  if (entry.fresh.capacity() == 0 && !spare_.empty()) {
    entry.fresh = std::move(spare_.back());
    spare_.pop_back();
  }
  return entry;
}

template <typename Each>
void SecondSeries::Counts::drain(Each&& each) {
  for (std::size_t word = 0; word < used_.size(); ++word) {
    for (std::uint64_t bits = std::exchange(used_[word], 0U); bits != 0; bits &= bits - 1) {
      const std::size_t bucket = 64 * word + static_cast<std::size_t>(std::countr_zero(bits));
      each(bucket, std::exchange(counts_[bucket], 0U));
    }
  }
}

void SecondSeries::record(const Matches& matches, const Histogram::Bucket* latency_buckets) {
  count(matches);
  record_latencies(matches, latency_buckets);
}

void SecondSeries::count(const Matches& matches) {
  Current second(origin_);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < matches.sent; ++i, ++count) {
    const Time due = matches.sent_due[i];
    if (second.holds(due)) [[likely]]
      continue;
    if (count > 0) entries_[second.index()].sent += std::exchange(count, 0U);
    second.move_to(due);
  }
  if (count > 0) entries_[second.index()].sent += std::exchange(count, 0U);
  for (std::size_t i = 0; i < matches.received; ++i, ++count) {
    const Time back = matches.due[i] + matches.latency[i];
    if (second.holds(back)) [[likely]]
      continue;
    if (count > 0) entries_[second.index()].received += std::exchange(count, 0U);
    second.move_to(back);
  }
  if (count > 0) entries_[second.index()].received += count;
}

void SecondSeries::record_latencies(const Matches& matches, const Histogram::Bucket* buckets) {
  Current second(origin_);
  for (std::size_t i = 0; i < matches.received;) {
    // Those in a row that were due in one second.
    second.move_to(matches.due[i]);
    const std::size_t first = i;
    while (i < matches.received && second.holds(matches.due[i])) ++i;
    Entry& entry = at(second.index());
    entry.fresh.insert(entry.fresh.end(), buckets + first, buckets + i);
    entry.longest = std::max(entry.longest,
                             *std::max_element(matches.latency.data() + first, matches.latency.data() + i));
  }
}

void SecondSeries::pack() {
  for (auto& [index, entry] : entries_) {
    if (entry.fresh.empty()) continue;
    for (const Histogram::Bucket bucket : entry.fresh) counts_.add(bucket, 1);
    packed_.clear();
    if (!entry.packed.empty()) packed_.insert(packed_.end(), 2, 0);
    std::size_t before = 0;
    counts_.drain([&](std::size_t bucket, std::uint32_t count) {
      append_varint(packed_, bucket - before);
      append_varint(packed_, count);
      before = bucket;
    });
    entry.packed.insert(entry.packed.end(), packed_.begin(), packed_.end());
    entry.packed.shrink_to_fit();
    entry.fresh.clear();
    spare_.push_back(std::exchange(entry.fresh, {}));
  }
}

void SecondSeries::add(SecondSeries&& other) {
  for (auto& [index, from] : other.entries_) {
    Entry& to = entries_[index];
    to.sent += from.sent;
    to.received += from.received;
    to.longest = std::max(to.longest, from.longest);
    if (to.packed.empty()) {
      to.packed = std::move(from.packed);
    } else if (!from.packed.empty()) {
      to.packed.insert(to.packed.end(), 2, 0);
      to.packed.insert(to.packed.end(), from.packed.begin(), from.packed.end());
    }
  }
  other.entries_.clear();
}

std::uint64_t SecondSeries::unpack(const std::vector<std::uint8_t>& packed) noexcept {
  std::size_t bucket = 0;
  std::uint64_t all = 0;
  const std::uint8_t* const end = packed.data() + packed.size();
  for (const std::uint8_t* from = packed.data(); from != end;) {
    bucket += take_varint(from);
    const std::uint64_t count = take_varint(from);
    if (count == 0)
      bucket = 0;
    else
      counts_.add(bucket, static_cast<std::uint32_t>(count));
    all += count;
  }
  return all;
}

void SecondSeries::find_quantiles(std::uint64_t all, Duration longest, Second& second) noexcept {
  const std::uint64_t p50 = event::nearest_rank(0.5, all), p99 = event::nearest_rank(0.99, all);
  std::uint64_t seen = 0;
  counts_.drain([&](std::size_t bucket, std::uint32_t count) {
    seen += count;
    const Duration value = std::min(Histogram::upper_bound_of(bucket), longest);
    if (seen >= p50 && !second.latency_p50) second.latency_p50 = value;
    if (seen >= p99 && !second.latency_p99) second.latency_p99 = value;
  });
}

std::vector<Second> SecondSeries::finish(Time last) {
  Current end(origin_);
  end.move_to(last);
  std::vector<Second> seconds(static_cast<std::size_t>(end.index() + 1));
  for (std::size_t i = 0; i < seconds.size(); ++i) seconds[i].index = static_cast<std::uint32_t>(i);
  for (const auto& [index, entry] : entries_) {
    if (index < 0 || index > end.index()) continue;
    Second& second = seconds[static_cast<std::size_t>(index)];
    second.sent = entry.sent;
    second.received = entry.received;
    if (const std::uint64_t all = unpack(entry.packed); all > 0) find_quantiles(all, entry.longest, second);
  }
  return seconds;
}

}  // namespace wsbench::store
