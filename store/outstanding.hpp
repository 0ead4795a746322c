#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "store/event/event.hpp"

namespace wsbench::store {

/// Messages (or handshakes) that still wait for their other half, by client and sequence: a hash table with
/// open addressing, whose size follows what is under way and not what has passed through. Used from one
/// thread.
class Outstanding {
 public:
  struct Message {
    event::Time due{};
    event::Time sent{};
    std::uint32_t client = 0;
    std::uint32_t sequence = 0;
  };

  Outstanding() : slots_(kSmallest) {}

  void add(const Message& message) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    insert(message);
    ++size_;
  }

  /// Takes one with this client and sequence out into `message`; false when there is none.
  bool take(std::uint32_t client, std::uint32_t sequence, Message& message) noexcept {
    std::size_t at = home(client, sequence);
    for (; slots_[at].used; at = next(at)) {
      const Message& found = slots_[at].message;
      if (found.client != client || found.sequence != sequence) continue;
      message = found;
      close_gap(at);
      --size_;
      return true;
    }
    return false;
  }

  std::size_t size() const noexcept { return size_; }

  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const Slot& slot : slots_)
      if (slot.used) visit(slot.message);
  }

 private:
  static constexpr std::size_t kSmallest = 1024;

  struct Slot {
    Message message;
    bool used = false;
  };

  std::size_t home(std::uint32_t client, std::uint32_t sequence) const noexcept {
    const std::uint64_t key = (std::uint64_t{client} << 32U) | sequence;
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 32U) & (slots_.size() - 1);
  }
  std::size_t next(std::size_t at) const noexcept { return (at + 1) & (slots_.size() - 1); }

  void insert(const Message& message) noexcept {
    std::size_t at = home(message.client, message.sequence);
    while (slots_[at].used) at = next(at);
    slots_[at] = {message, true};
  }

  /// Moves what stands behind `gap` up into it wherever it would else not be found from its home.
  void close_gap(std::size_t gap) noexcept {
    for (std::size_t at = next(gap); slots_[at].used; at = next(at)) {
      const Message& message = slots_[at].message;
      const std::size_t wanted = home(message.client, message.sequence);
      const std::size_t mask = slots_.size() - 1;
      if (((at - wanted) & mask) < ((at - gap) & mask)) continue;
      slots_[gap] = slots_[at];
      gap = at;
    }
    slots_[gap].used = false;
  }

  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    std::swap(old, slots_);
    for (const Slot& slot : old)
      if (slot.used) insert(slot.message);
  }

  std::vector<Slot> slots_;  // a power of two of them, at most half of them used
  std::size_t size_ = 0;
};

}  // namespace wsbench::store
