#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/event/block.hpp"
#include "store/fold/unanswered.hpp"

namespace wsbench::store {

/// What a Matcher finds in one block; the columns are as long as their counts say.
struct Matches {
  template <typename T>
  using Column = std::array<T, event::Block::kCapacity>;

  /// Sends of the measuring phase, in the order of their recording.
  std::size_t sent = 0;
  Column<event::Time> sent_due;
  Column<event::Duration> sent_lag;

  /// Echoes of measured messages, in the order of their arrival.
  std::size_t received = 0;
  Column<std::uint16_t> echo;            ///< its place in the block
  Column<event::Time> due;               ///< of the message
  Column<event::Duration> latency;       ///< since then
  Column<event::Duration> service_time;  ///< since it was sent

  std::uint64_t warm_up_sent = 0;
  std::uint64_t warm_up_received = 0;

  std::uint64_t reordered = 0;   ///< of the received
  std::uint64_t duplicated = 0;  ///< these two from the measuring phase on
  std::uint64_t foreign = 0;

  /// A measured message whose echo came altered then.
  struct Altered {
    Unanswered::Message message;
    event::Time time;
  };
  std::vector<Altered> altered;

  /// These two grow from block to block, until the caller clears them.
  std::vector<event::Event> unmatched;  ///< echoes, altered ones too, that no send waits for, of what the
                                        ///< matcher was fed
  std::vector<event::Event> others;     ///< all that are not messages

  /// Forgets what was found in a block.
  void clear() noexcept {
    sent = received = 0;
    warm_up_sent = warm_up_received = 0;
    reordered = duplicated = foreign = 0;
    altered.clear();
  }

  /// Counts the echo of a message that was found elsewhere than by the matcher; `at`: its place in the block.
  void add_echo(const event::Event& echo, const Unanswered::Message& message, std::size_t at = 0);
};

/// Finds the pairs of messages and echoes among the blocks of a round, which it is fed in the order of their
/// keys. That order has every send before its echo: phases ascend, and a client lives in one shard. Messages
/// of other phases than warm_up and measuring are left out. Used from one thread.
///
/// An altered echo ends the wait for its message like any other, and leaves it unanswered.
class Matcher {
 public:
  void feed(const event::Block& block, Matches& matches);

  /// Takes the message of an echo that was fed before it; false when there is none.
  bool take(const event::Event& echo, Unanswered::Message& message) noexcept {
    return unanswered_.take(echo.client, echo.sequence, message);
  }

  /// Messages that no echo has come for.
  const Unanswered& unanswered() const noexcept { return unanswered_; }

  /// Forgets what it was fed.
  void clear() noexcept { unanswered_.clear(); }

 private:
  void feed_messages(const event::Block& block, Matches& matches);
  void feed_rarity(const event::Event& event, std::size_t at, event::Phase phase, Matches& matches);

  Unanswered unanswered_;
};

/// The same for handshakes, event by event.
class HandshakeMatcher {
 public:
  /// True when `event` ends a handshake, which then began at `began`. Any event may be given.
  bool feed(const event::Event& event, event::Time& began) {
    Unanswered::Message init;
    if (event.kind == event::Kind::ws_init)
      connecting_.add({event.time, event.time, event.client, 0, event::Phase::ramp});
    if (event.kind != event::Kind::ws_onopen || !connecting_.take(event.client, 0, init)) return false;
    began = init.sent;
    return true;
  }

  /// True when the client's handshake was begun and never done, and had so at `began`. To be called when the
  /// client has ended.
  bool end(std::uint32_t client, event::Time& began) {
    Unanswered::Message init;
    if (!connecting_.take(client, 0, init)) return false;
    began = init.sent;
    return true;
  }

 private:
  Unanswered connecting_;
};

}  // namespace wsbench::store
