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

void Schedule::start(const std::vector<Sender>& senders, const std::vector<Sender>& absent, event::Time begin,
                     event::Phase phase) {
  queue_.clear();
  first_ = queued_ = 0;
  heap_.clear();
  absent_.clear();
  draws_gaps() ? heap_.reserve(senders.size()) : queue_.reserve(senders.size());
  absent_.reserve(senders.size() + absent.size());
  for (const Sender sender : senders) {
    const Item first = first_of(sender, begin, phase);
    if (draws_gaps()) {
      heap_.push_back(first);
    } else {
      queue_.push_back(first.entry);
    }
  }
  for (const Sender sender : absent) absent_.push_back(first_of(sender, begin, phase));
  std::make_heap(heap_.begin(), heap_.end(), Later{});
  std::sort(queue_.begin(), queue_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.due, a.sender.client) < std::tie(b.due, b.sender.client);
  });
  queued_ = queue_.size();
}

Schedule::Item Schedule::first_of(Sender sender, event::Time begin, event::Phase phase) const noexcept {
  Random random(seed_ ^
                Random::mixed((std::uint64_t{sender.client} << 8U) | static_cast<std::uint64_t>(phase)));
  const event::Duration spread = mode_ == Mode::closed ? kClosedSpread : interval_;
  const event::Duration wait = draws_gaps() ? gap(random) : scaled(spread, random.unit());
  return {{begin + wait, sender}, random};
}

void Schedule::advance(event::Time end) {
  if (mode_ == Mode::closed) {
    take_queued();
    return;
  }
  if (!draws_gaps()) {
    Entry entry = take_queued();
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
  absent_.push_back(take_first());
}

Schedule::Item Schedule::take_first() noexcept {
  if (draws_gaps()) {
    std::pop_heap(heap_.begin(), heap_.end(), Later{});
    const Item item = heap_.back();
    heap_.pop_back();
    return item;
  }
  return {take_queued(), Random(0)};
}

Schedule::Entry Schedule::take_queued() noexcept {
  const Entry entry = queue_[first_];
  if (++first_ == queue_.size()) first_ = 0;
  --queued_;
  return entry;
}

void Schedule::count_unsent(event::Time end, const std::function<void(Sender, std::uint64_t)>& tell) const {
  const auto count = [&](const Item& item) {
    if (const auto messages = count_until(end, item); messages > 0) tell(item.entry.sender, messages);
  };
  for (std::size_t i = 0; i < queued_; ++i) count({queue_[(first_ + i) % queue_.size()], Random(0)});
  for (const Item& item : heap_) count(item);
  for (const Item& item : absent_) count(item);
}

std::uint64_t Schedule::count_until(event::Time end, Item item) const noexcept {
  if (item.entry.due >= end) return 0;
  if (mode_ == Mode::closed) return 1;
  if (!draws_gaps()) {
    const event::Duration left = end - item.entry.due - event::Duration(1);
    return static_cast<std::uint64_t>(left / interval_) + 1;
  }
  std::uint64_t count = 0;
  for (; item.entry.due < end; item.entry.due += gap(item.random)) ++count;
  return count;
}

/// By the inverse of the distribution function.
event::Duration Schedule::gap(Random& random) const noexcept {
  return scaled(interval_, -std::log1p(-random.unit()));
}

}  // namespace wsbench::client
