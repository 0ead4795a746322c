#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/event/event.hpp"

namespace wsbench::store {

/// Messages that still wait for their echo, by client and sequence. The last one of a client lies in an array
/// by client, and most messages never leave it; those that it pushed out, and those of clients whose numbers
/// are too large for an array, lie in a hash table. Memory follows what is under way, not what has passed
/// through. Of messages of one client and sequence (a load generator makes no such) the last one added is
/// taken first, which makes it the same whether a round is looked at whole or in parts. Used from one thread.
class Unanswered {
 public:
  struct Message {
    event::Time due{};
    event::Time sent{};
    std::uint32_t client = 0;
    std::uint32_t sequence = 0;
    event::Phase phase{};  ///< of the send
  };

  /// The last message of a client; free when its phase is 0.
  struct Slot {
    event::Time sent{};
    std::uint64_t lag = 0;
    std::uint32_t sequence = 0;
    std::uint32_t phase = 0;
  };

  Unanswered() : heads_(kSmallest, kNone) {}

  void add(const Message& message);

  /// Takes one with this client and sequence out into `message`; false when there is none.
  bool take(std::uint32_t client, std::uint32_t sequence, Message& message) noexcept;

  /// Forgets all, and keeps the memory.
  void clear() noexcept;

  std::size_t size() const noexcept;

  /// The messages of a client and sequence in the order of their adding; else in any order.
  template <typename Visit>
  void for_each(Visit&& visit) const;

  /// By client; until the next add(). Whoever fills a slot here must have found it free.
  std::vector<Slot>& slots() noexcept { return slots_; }

 private:
  static constexpr std::size_t kSmallest = 1024;
  static constexpr std::uint32_t kLargestArray = 1U << 20U;  ///< 24 MiB
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Node {
    Message message;
    std::uint32_t older = kNone;  ///< the next in its chain, or in that of free nodes
  };

  static Message message_in(const Slot& slot, std::uint32_t client) noexcept {
    const auto lag = event::Duration(static_cast<event::Duration::rep>(slot.lag));
    return {slot.sent - lag, slot.sent, client, slot.sequence, static_cast<event::Phase>(slot.phase)};
  }
  std::uint32_t& head_of(std::uint32_t client, std::uint32_t sequence) noexcept {
    const std::uint64_t key = (std::uint64_t{client} << 32U) | sequence;
    return heads_[static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 32U) & (heads_.size() - 1)];
  }
  void chain(const Message& message);
  void grow_heads();

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> heads_;  ///< a power of two of them, at least as many as are chained
  std::vector<Node> nodes_;
  std::uint32_t free_ = kNone;
  std::size_t chained_ = 0;
};

template <typename Visit>
void Unanswered::for_each(Visit&& visit) const {
  std::vector<std::uint32_t> chained;
  for (const std::uint32_t head : heads_) {
    chained.clear();
    for (std::uint32_t at = head; at != kNone; at = nodes_[at].older) chained.push_back(at);
    std::for_each(chained.rbegin(), chained.rend(), [&](std::uint32_t at) { visit(nodes_[at].message); });
  }
  for (std::size_t client = 0; client < slots_.size(); ++client)
    if (slots_[client].phase != 0) visit(message_in(slots_[client], static_cast<std::uint32_t>(client)));
}

}  // namespace wsbench::store
