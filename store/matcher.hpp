#pragma once

#include <cstddef>
#include <cstdint>

#include "store/event/block.hpp"
#include "store/fold.hpp"
#include "store/outstanding.hpp"

namespace wsbench::store {

/// Where a Matcher tells what it finds; every method does nothing until a derived class hides it.
struct MatchVisitor {
  void attempted() {}
  void established(const Pair& /*handshake*/) {}
  void sent(event::Time /*due*/) {}          ///< a measured message
  void received(const Pair& /*message*/) {}  ///< its echo
  void warm_up_sent() {}
  void warm_up_received() {}
  void ended(event::Ending /*ending*/) {}
  void sampled(const event::Event& /*sample*/) {}
};

/// Finds the pairs among the events of a round, whose blocks it is fed in the order of their keys. That order
/// has every send before its echo: phases ascend, and a client lives in one shard.
class Matcher {
 public:
  template <typename Visitor>
  void feed(const event::Block& block, Visitor& visitor);

  /// Measured messages that no echo has come for.
  const Outstanding& unanswered() const noexcept { return measured_; }

 private:
  Outstanding connecting_;
  Outstanding warm_up_;
  Outstanding measured_;
};

template <typename Visitor>
void Matcher::feed(const event::Block& block, Visitor& visitor) {
  using event::Kind;
  const event::Phase phase = block.info.phase;
  Outstanding::Message other;
  const auto pair = [&](event::Time end) {
    return Pair{other.due, other.client, other.sequence, end - other.due, other.sent - other.due};
  };
  for (std::size_t i = 0; i < block.size(); ++i) {
    const event::Time time = block.times()[i];
    const std::uint32_t client = block.clients()[i], sequence = block.sequences()[i];
    switch (block.kinds()[i]) {
      case Kind::ws_init:
        visitor.attempted();
        connecting_.add({time, time, client, 0});
        break;
      case Kind::ws_onopen:
        if (connecting_.take(client, 0, other)) visitor.established(pair(time));
        break;
      case Kind::send_message: {
        const event::Time due = time - event::Duration(static_cast<event::Duration::rep>(block.values()[i]));
        if (phase == event::Phase::measuring) {
          visitor.sent(due);
          measured_.add({due, time, client, sequence});
        } else if (phase == event::Phase::warm_up) {
          visitor.warm_up_sent();
          warm_up_.add({due, time, client, sequence});
        }
        break;
      }
      case Kind::recv_message:
        if (measured_.take(client, sequence, other))
          visitor.received(pair(time));
        else if (warm_up_.take(client, sequence, other))
          visitor.warm_up_received();
        break;
      case Kind::ws_onclose:
      case Kind::exit:
        visitor.ended(event::Ending::unpack(block.values()[i]));
        break;
      case Kind::server:
        visitor.sampled(block[i]);
        break;
    }
  }
}

}  // namespace wsbench::store
