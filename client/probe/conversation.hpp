#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "client/websocket/target.hpp"
#include "client/websocket/websocket.hpp"
#include "store/event/event.hpp"

namespace wsbench::client {

/// One frame of ours, or one whole message of the server's.
struct Frame {
  Opcode opcode = Opcode::text;
  std::string payload;
  bool last = true;
};

/// What we say on a connection of its own, and what must come back, in any order of the two.
struct Exchange {
  std::vector<Frame> sent;
  std::optional<Frame> echo;
  std::optional<std::string> pong;
  std::uint16_t close_code = 1000;
  bool close_must_be_answered =
      false;  ///< with close_code, within the limit; else a short wait for politeness
};

struct ExchangeFailure {
  event::Ending ending;  ///< connection_timeout when what must come did not
  std::string detail;
  bool handshake_done = false;
};

using ExchangeOutcome = tl::expected<void, ExchangeFailure>;

/// Holds every exchange on a connection of its own, all at the same time. Each has `limit` for the handshake
/// and again `limit` for what must come back, but all end by `total`. Blocks; one outcome per exchange, in
/// order.
std::vector<ExchangeOutcome> converse(const Target& target, const std::vector<Exchange>& exchanges,
                                      std::chrono::nanoseconds limit, std::chrono::nanoseconds total);

}  // namespace wsbench::client
