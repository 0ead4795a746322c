#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
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

/// How long an exchange may take.
struct ExchangeLimits {
  std::chrono::nanoseconds handshake;
  std::chrono::nanoseconds answer;  ///< all that must come back, from the handshake on; then the close again
  std::chrono::nanoseconds total;   ///< of all exchanges, whatever the other two allow
};

/// Holds every exchange on a connection of its own, all at the same time. Blocks; one outcome per exchange,
/// in order. A stop that is requested fails those that are not done, within some milliseconds.
std::vector<ExchangeOutcome> converse(const Target& target, const std::vector<Exchange>& exchanges,
                                      const ExchangeLimits& limits, const std::stop_token& stop = {});

}  // namespace wsbench::client
