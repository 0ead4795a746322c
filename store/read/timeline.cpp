#include "store/read/timeline.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "store/read/block_walk.hpp"
#include "store/run/run_impl.hpp"

namespace wsbench::store {

namespace {

bool earlier(const Placed& a, const Placed& b) noexcept {
  return a.time < b.time;
}

/// A block on its way out in the order of time.
class OpenBlock {
 public:
  event::Block block;

  /// To be called when `block` is filled.
  void begin() {
    next_ = 0;
    const auto& times = block.times();
    ordered_ = std::is_sorted(times.begin(), times.end());
    if (ordered_) return;
    order_.resize(block.size());
    std::iota(order_.begin(), order_.end(), 0U);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return times[a] < times[b]; });
  }

  bool ended() const noexcept { return next_ == block.size(); }
  event::Time time() const noexcept { return block.times()[index()]; }

  /// Appends what is before `limit` and taken by the filter.
  void take(event::Time limit, const Filter& filter, std::vector<Placed>& taken) {
    const bool all = filter.kinds == event::kAllKinds && !filter.client && !filter.where.from;
    for (; !ended(); ++next_) {
      const std::uint32_t i = index();
      const event::Time at = block.times()[i];
      if (at >= limit) return;
      if (all || takes(filter, i)) taken.push_back({at, &block, i});
    }
  }

 private:
  std::uint32_t index() const noexcept { return ordered_ ? next_ : order_[next_]; }

  bool takes(const Filter& filter, std::uint32_t i) const noexcept {
    const event::Kind kind = block.kinds()[i];
    if (filter.client && (block.clients()[i] != *filter.client || !event::has_client(kind))) return false;
    return filter.takes(kind) && (!filter.where.from || block.times()[i] >= *filter.where.from);
  }

  std::vector<std::uint32_t> order_;
  std::uint32_t next_ = 0;
  bool ordered_ = true;
};

/// One round, stretch by stretch.
class Merge {
 public:
  Merge(BlockWalk walk, const Filter& filter) : walk_(std::move(walk)), filter_(filter) {}

  const Reading& reading() const noexcept { return walk_.reading(); }

  /// The next stretch, empty where the filter takes nothing of it; none behind the last one.
  Result<std::optional<std::span<const Placed>>> next();

 private:
  Result<bool> open_next_block();
  void merge_runs();
  event::Time first_time() const noexcept;

  BlockWalk walk_;
  const Filter& filter_;
  std::vector<std::unique_ptr<OpenBlock>> open_;  ///< in the order of their opening
  std::vector<std::unique_ptr<OpenBlock>> unused_;
  std::vector<Placed> events_, merged_;
  std::vector<std::size_t> runs_;  ///< where in events_ each open block's begin, and the end
};

event::Time Merge::first_time() const noexcept {
  event::Time first = event::Time::max();
  for (const auto& open : open_) first = std::min(first, open->time());
  return first;
}

Result<bool> Merge::open_next_block() {
  if (unused_.empty()) unused_.push_back(std::make_unique<OpenBlock>());
  auto read = walk_.next(unused_.back()->block);
  if (!read || !*read) return read;
  unused_.back()->begin();
  if (unused_.back()->ended()) return true;
  open_.push_back(std::move(unused_.back()));
  unused_.pop_back();
  return true;
}

Result<std::optional<std::span<const Placed>>> Merge::next() {
  for (auto& open : open_)
    if (open->ended()) unused_.push_back(std::move(open));
  std::erase(open_, nullptr);
  // No block that is not open yet may have an event before those that go out.
  while (walk_.horizon() != event::Time::max() && (open_.empty() || walk_.horizon() <= first_time()))
    if (const auto opened = open_next_block(); !opened) return tl::unexpected(opened.error());
  const event::Time end = filter_.where.to.value_or(event::Time::max());
  if (open_.empty() || first_time() >= end) return std::optional<std::span<const Placed>>();

  events_.clear();
  runs_.assign(1, 0);
  for (const auto& open : open_) {
    open->take(std::min(walk_.horizon(), end), filter_, events_);
    runs_.push_back(events_.size());
  }
  merge_runs();
  return std::optional(std::span<const Placed>(events_));
}

/// Neighbouring runs are merged until one is left; of the same time, the earlier run's come first.
void Merge::merge_runs() {
  const auto place = [](std::vector<Placed>& events, std::size_t at) {
    return events.begin() + static_cast<std::ptrdiff_t>(at);
  };
  while (runs_.size() > 2) {
    merged_.resize(events_.size());
    std::size_t kept = 0;
    for (std::size_t i = 0; i + 1 < runs_.size(); i += 2) {
      const std::size_t begin = runs_[i], middle = runs_[i + 1];
      const std::size_t end = i + 2 < runs_.size() ? runs_[i + 2] : middle;
      std::merge(place(events_, begin), place(events_, middle), place(events_, middle), place(events_, end),
                 place(merged_, begin), earlier);
      runs_[kept++] = begin;
    }
    runs_[kept] = events_.size();
    runs_.resize(kept + 1);
    std::swap(events_, merged_);
  }
}

}  // namespace

Result<Reading> scan_timeline(const Run& run, std::string_view contestant, const Filter& filter,
                              const std::function<bool(const Stretch&)>& visit) {
  const auto rounds = rounds_of(run, contestant, filter.where.round);
  if (!rounds) return tl::unexpected(rounds.error());
  Reading before;
  for (const std::uint16_t round : *rounds) {
    auto walk = BlockWalk::open(run, contestant, filter, round);
    if (!walk) return tl::unexpected(walk.error());
    Merge merge(std::move(*walk), filter);
    const auto reading = [&] {
      return Reading{before.found + merge.reading().found, before.unpacked + merge.reading().unpacked};
    };
    for (;;) {
      const auto events = merge.next();
      if (!events) return tl::unexpected(events.error());
      if (!*events) break;
      if (!visit({**events, reading()})) return reading();
    }
    before = reading();
  }
  return before;
}

std::uint64_t estimate_blocks(const Run& run, std::string_view contestant) {
  const auto family = run.impl().family(contestant);
  std::uint64_t count = 0;
  if (family) run.impl().db().GetIntProperty(*family, rocksdb::DB::Properties::kEstimateNumKeys, &count);
  return count;
}

Result<std::vector<std::uint16_t>> rounds_of(const Run& run, std::string_view contestant,
                                             std::optional<std::uint16_t> only) {
  std::vector<std::uint16_t> rounds;
  Selection selection;
  selection.round = only;
  auto cursor = Cursor::open(run, contestant, selection);
  if (!cursor) return tl::unexpected(cursor.error());
  for (auto found = cursor->next();; found = cursor->next_phase()) {
    if (!found) return tl::unexpected(found.error());
    if (!*found) return rounds;
    if (rounds.empty() || rounds.back() != cursor->key().info.round)
      rounds.push_back(cursor->key().info.round);
  }
}

Result<std::optional<event::Time>> measuring_began(const Run& run, std::string_view contestant,
                                                   std::uint16_t round) {
  using Answer = std::optional<event::Time>;
  Selection selection;
  selection.round = round;
  selection.phase = event::Phase::measuring;
  for (int attempt = 0; attempt < 2; ++attempt, selection.phase.reset()) {
    auto cursor = Cursor::open(run, contestant, selection);
    if (!cursor) return tl::unexpected(cursor.error());
    const auto found = cursor->next();
    if (!found) return tl::unexpected(found.error());
    if (*found) return Answer(cursor->key().earliest);
  }
  return Answer();
}

}  // namespace wsbench::store
