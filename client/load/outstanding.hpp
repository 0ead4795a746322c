#pragma once

#include <cassert>
#include <cstdint>
#include <memory>

#include "store/event/event.hpp"

namespace wsbench::client {

/// When the messages that wait for their echo were due, oldest first. Echoes should come in order, so the
/// front belongs to the next. The first two need no memory of their own: thousands of clients have no more.
/// Used from one thread.
class Outstanding {
 public:
  std::uint32_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  void push(event::Time due) {
    if (size_ == capacity_) grow();
    slots()[(first_ + size_) & (capacity_ - 1)] = due;
    ++size_;
  }

  /// The oldest. Precondition: !empty().
  event::Time front() noexcept {
    assert(!empty());
    return slots()[first_];
  }

  /// Precondition: !empty().
  event::Time pop() noexcept {
    const event::Time due = front();
    first_ = (first_ + 1) & (capacity_ - 1);
    --size_;
    return due;
  }

  void clear() noexcept {
    heap_.reset();
    capacity_ = kInside;
    first_ = size_ = 0;
  }

 private:
  static constexpr std::uint32_t kInside = 2;  // Capacities are powers of two.

  event::Time* slots() noexcept { return heap_ ? heap_.get() : inside_; }

  void grow() {
    auto larger = std::make_unique<event::Time[]>(std::size_t{capacity_} * 2);
    for (std::uint32_t i = 0; i < size_; ++i) larger[i] = slots()[(first_ + i) & (capacity_ - 1)];
    heap_ = std::move(larger);
    capacity_ *= 2;
    first_ = 0;
  }

  event::Time inside_[kInside];
  std::unique_ptr<event::Time[]> heap_;
  std::uint32_t capacity_ = kInside;
  std::uint32_t first_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace wsbench::client
