#include "client/load/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace wsbench::client {

namespace {

constexpr event::Duration kClosedSpread = std::chrono::milliseconds{10};

event::Duration scaled(event::Duration duration, double factor) noexcept {
  return event::Duration(static_cast<event::Duration::rep>(static_cast<double>(duration.count()) * factor));
}

}  // namespace

Schedule::Schedule(const Plan& plan) noexcept
    : mode_(plan.mode), arrivals_(plan.arrivals), interval_(plan.interval), seed_(plan.seed) {}

void Schedule::start(const std::vector<Sender>& senders, event::Time begin, event::Phase phase) {
  clear();
  draws_gaps() ? heap_.reserve(senders.size()) : queue_.reserve(senders.size());
  for (const Sender sender : senders) {
    Random random(seed_ ^
                  Random::mixed((std::uint64_t{sender.client} << 8U) | static_cast<std::uint64_t>(phase)));
    if (draws_gaps()) {
      const event::Time due = begin + gap(random);
      heap_.push_back({{due, sender}, random});
    } else {
      const event::Duration spread = mode_ == Mode::closed ? kClosedSpread : interval_;
      queue_.push_back({begin + scaled(spread, random.unit()), sender});
    }
  }
  std::make_heap(heap_.begin(), heap_.end(), Later{});
  std::sort(queue_.begin(), queue_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.due, a.sender.client) < std::tie(b.due, b.sender.client);
  });
  queued_ = queue_.size();
}

void Schedule::clear() noexcept {
  queue_.clear();
  first_ = queued_ = 0;
  heap_.clear();
}

void Schedule::advance(event::Time end) {
  if (mode_ == Mode::closed) return drop();
  if (!draws_gaps()) {
    Entry entry = take_first();
    entry.due += interval_;
    if (entry.due < end) queue_[(first_ + queued_++) % queue_.size()] = entry;
    return;
  }
  std::pop_heap(heap_.begin(), heap_.end(), Later{});
  Item& item = heap_.back();
  item.entry.due += gap(item.random);
  if (item.entry.due < end) {
    std::push_heap(heap_.begin(), heap_.end(), Later{});
  } else {
    heap_.pop_back();
  }
}

void Schedule::drop() {
  if (!draws_gaps()) {
    take_first();
    return;
  }
  std::pop_heap(heap_.begin(), heap_.end(), Later{});
  heap_.pop_back();
}

Schedule::Entry Schedule::take_first() noexcept {
  const Entry entry = queue_[first_];
  if (++first_ == queue_.size()) first_ = 0;
  --queued_;
  return entry;
}

/// By the inverse of the distribution function.
event::Duration Schedule::gap(Random& random) const noexcept {
  return scaled(interval_, -std::log1p(-random.unit()));
}

}  // namespace wsbench::client
