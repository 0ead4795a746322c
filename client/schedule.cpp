#include "client/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace wsbench::client {

namespace {

constexpr event::Duration kClosedSpread = std::chrono::milliseconds{10};

event::Duration scaled(event::Duration duration, double factor) noexcept {
  return event::Duration(static_cast<event::Duration::rep>(static_cast<double>(duration.count()) * factor));
}

}  // namespace

Schedule::Schedule(const Plan& plan) noexcept
    : mode_(plan.mode), arrivals_(plan.arrivals), interval_(plan.interval), seed_(plan.seed) {}

void Schedule::add(std::uint32_t slot, std::uint32_t client, event::Time begin, event::Phase phase) {
  Random random(seed_ ^ Random::mixed((std::uint64_t{client} << 8U) | static_cast<std::uint64_t>(phase)));
  event::Time due = begin;
  if (mode_ == Mode::closed) {
    due += scaled(kClosedSpread, random.unit());
  } else if (arrivals_ == Arrivals::uniform) {
    due += scaled(interval_, random.unit());
  } else {
    due += gap(random);
  }
  heap_.push_back({{due, slot, client}, random});
  std::push_heap(heap_.begin(), heap_.end(), Later{});
}

void Schedule::advance(event::Time end) {
  std::pop_heap(heap_.begin(), heap_.end(), Later{});
  Item& item = heap_.back();
  if (mode_ == Mode::open) {
    item.entry.due += gap(item.random);
    if (item.entry.due < end) {
      std::push_heap(heap_.begin(), heap_.end(), Later{});
      return;
    }
  }
  heap_.pop_back();
}

void Schedule::drop() {
  std::pop_heap(heap_.begin(), heap_.end(), Later{});
  heap_.pop_back();
}

event::Duration Schedule::gap(Random& random) const noexcept {
  if (arrivals_ == Arrivals::uniform) return interval_;
  return scaled(interval_, -std::log1p(-random.unit()));  // The inverse of the distribution function.
}

}  // namespace wsbench::client
