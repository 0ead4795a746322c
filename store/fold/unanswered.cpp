#include "store/fold/unanswered.hpp"

namespace wsbench::store {

void Unanswered::add(const Message& message) {
  if (message.client >= kLargestArray) return chain(message);
  if (message.client >= slots_.size()) slots_.resize(std::bit_ceil(std::size_t{message.client} + 1));
  Slot& slot = slots_[message.client];
  if (slot.phase != 0) chain(message_in(slot, message.client));
  slot = {message.sent, static_cast<std::uint64_t>((message.sent - message.due).count()), message.sequence,
          static_cast<std::uint32_t>(message.phase)};
}

bool Unanswered::take(std::uint32_t client, std::uint32_t sequence, Message& message) noexcept {
  if (client < slots_.size()) {
    Slot& slot = slots_[client];
    if (slot.phase != 0 && slot.sequence == sequence) {
      message = message_in(slot, client);
      slot.phase = 0;
      return true;
    }
  }
  if (chained_ == 0) return false;
  for (std::uint32_t* link = &head_of(client, sequence); *link != kNone; link = &nodes_[*link].older) {
    Node& node = nodes_[*link];
    if (node.message.client != client || node.message.sequence != sequence) continue;
    message = node.message;
    const std::uint32_t at = *link;
    *link = node.older;
    node.older = free_;
    free_ = at;
    --chained_;
    return true;
  }
  return false;
}

void Unanswered::clear() noexcept {
  std::fill(slots_.begin(), slots_.end(), Slot{});
  if (nodes_.empty()) return;
  std::fill(heads_.begin(), heads_.end(), kNone);
  nodes_.clear();
  free_ = kNone;
  chained_ = 0;
}

std::size_t Unanswered::size() const noexcept {
  return chained_ + static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(),
                                                           [](const Slot& slot) { return slot.phase != 0; }));
}

void Unanswered::chain(const Message& message) {
  if (chained_ == heads_.size()) grow_heads();
  std::uint32_t at = free_;
  if (at == kNone) {
    at = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
  } else {
    free_ = nodes_[at].older;
  }
  std::uint32_t& head = head_of(message.client, message.sequence);
  nodes_[at] = {message, head};
  head = at;
  ++chained_;
}

void Unanswered::grow_heads() {
  std::vector<std::uint32_t> old(2 * heads_.size(), kNone);
  std::swap(old, heads_);
  std::vector<std::uint32_t> chained;
  for (const std::uint32_t old_head : old) {
    chained.clear();
    for (std::uint32_t at = old_head; at != kNone; at = nodes_[at].older) chained.push_back(at);
    // The oldest first, so that chains keep their order.
    for (auto at = chained.rbegin(); at != chained.rend(); ++at) {
      Node& node = nodes_[*at];
      std::uint32_t& head = head_of(node.message.client, node.message.sequence);
      node.older = head;
      head = *at;
    }
  }
}

}  // namespace wsbench::store
