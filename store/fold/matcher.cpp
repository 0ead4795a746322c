#include "store/fold/matcher.hpp"

#include <algorithm>
#include <span>

namespace wsbench::store {

using event::Kind;
using event::Phase;

namespace {

bool is_counted(Phase phase) noexcept {
  return phase == Phase::warm_up || phase == Phase::measuring;
}

event::Duration lag_of(std::uint64_t value) noexcept {
  return event::Duration(static_cast<event::Duration::rep>(value));
}

/// The sends of a measuring block, found without a branch upon what an event is.
void find_sends(const event::Block& block, Matches& matches) noexcept {
  const Kind* const kinds = block.kinds().data();
  const event::Time* const times = block.times().data();
  const std::uint64_t* const values = block.values().data();
  std::size_t sent = 0;
  for (std::size_t i = 0, size = block.size(); i < size; ++i) {
    const event::Duration lag = lag_of(values[i]);
    matches.sent_lag[sent] = lag;
    matches.sent_due[sent] = times[i] - lag;
    sent += kinds[i] == Kind::send_message;
  }
  matches.sent = sent;
}

}  // namespace

void Matches::add_echo(const event::Event& echo_event, const Unanswered::Message& message, std::size_t at) {
  if (echo_event.kind == Kind::altered_echo) {
    if (message.phase == Phase::measuring) altered.push_back({message, echo_event.time});
    return;
  }
  if (message.phase == Phase::warm_up) {
    ++warm_up_received;
    return;
  }
  const std::size_t next = received++;
  echo[next] = static_cast<std::uint16_t>(at);
  due[next] = message.due;
  latency[next] = echo_event.time - message.due;
  service_time[next] = echo_event.time - message.sent;
  reordered += echo_event.value == event::kReordered;
}

void Matcher::feed(const event::Block& block, Matches& matches) {
  const Phase phase = block.info.phase;
  const auto& kinds = block.kinds();
  matches.clear();
  if (phase == Phase::measuring) find_sends(block, matches);
  if (phase == Phase::warm_up)
    matches.warm_up_sent =
        static_cast<std::uint64_t>(std::count(kinds.begin(), kinds.end(), Kind::send_message));
  feed_messages(block, matches);
}

// Sends and echoes alternate as they please: a branch upon which of the two an event is would be mispredicted
// one time in three, and cost more than all the rest. So both do the same: they write what they might have
// found, and then count it or not. Branches are left for what does not happen in a load that goes well: a
// send before the client's last echo, an echo of anything but the client's last send (a reordered one is
// never of that: a client sends in the order of its messages), and no message at all.
void Matcher::feed_messages(const event::Block& block, Matches& matches) {
  static_assert(static_cast<unsigned>(Kind::send_message) == 3 &&
                static_cast<unsigned>(Kind::recv_message) == 4);
  static_assert(static_cast<unsigned>(Phase::warm_up) == 2 && static_cast<unsigned>(Phase::measuring) == 3);
  const Phase phase = block.info.phase;
  const std::uint32_t phase_of_sends = is_counted(phase) ? static_cast<std::uint32_t>(phase) : 0U;
  // In other phases only echoes are handled here: kinds from `first` to recv_message.
  const unsigned first = phase_of_sends != 0 ? 3 : 4;
  // What is written below might be the vectors' own members, for all that the compiler knows: so pointers.
  const Kind* const kinds = block.kinds().data();
  const event::Time* const times = block.times().data();
  const std::uint64_t* const values = block.values().data();
  const std::uint32_t* const clients = block.clients().data();
  const std::uint32_t* const sequences = block.sequences().data();
  std::span<Unanswered::Slot> slots = unanswered_.slots();
  std::size_t received = 0, paired = 0;
  for (std::size_t i = 0, size = block.size(); i < size; ++i) {
    const auto kind = static_cast<unsigned>(kinds[i]);
    const std::uint32_t client = clients[i];
    if (kind - first <= 4 - first && client < slots.size()) [[likely]] {
      Unanswered::Slot& slot = slots[client];
      const std::uint32_t sequence = sequences[i];
      const unsigned is_send = kind & 1U;
      const unsigned is_held = slot.phase != 0, is_same = slot.sequence == sequence;
      if (((is_send ^ is_held) & (is_send | is_same)) != 0) [[likely]] {
        const event::Time time = times[i];
        matches.echo[received] = static_cast<std::uint16_t>(i);
        matches.due[received] = slot.sent - lag_of(slot.lag);
        matches.latency[received] = time - slot.sent + lag_of(slot.lag);
        matches.service_time[received] = time - slot.sent;
        received += slot.phase & 1U;  // 3: of a measured message; 2: of the warm-up's; 0: no echo but a send
        paired += slot.phase >> 1U;
        slot = {time, values[i], sequence, phase_of_sends & (0U - is_send)};
        continue;
      }
    }
    matches.received = received;
    feed_rarity(block[i], i, phase, matches);
    slots = unanswered_.slots();
    paired += matches.received - received;
    received = matches.received;
  }
  matches.received = received;
  matches.warm_up_received += paired - received;
}

void Matcher::feed_rarity(const event::Event& event, std::size_t at, Phase phase, Matches& matches) {
  if (event.kind == Kind::send_message) {
    if (is_counted(phase))
      unanswered_.add({event.time - lag_of(event.value), event.time, event.client, event.sequence, phase});
  } else if (event.kind == Kind::recv_message || event.kind == Kind::altered_echo) {
    Unanswered::Message message;
    if (unanswered_.take(event.client, event.sequence, message))
      matches.add_echo(event, message, at);
    else
      matches.unmatched.push_back(event);
  } else if (event.kind == Kind::duplicate_echo) {
    matches.duplicated += phase >= Phase::measuring;
  } else if (event.kind == Kind::foreign_message) {
    matches.foreign += phase >= Phase::measuring;
  } else {
    matches.others.push_back(event);
  }
}

}  // namespace wsbench::store
