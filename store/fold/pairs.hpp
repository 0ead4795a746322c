#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "store/read/timeline.hpp"

namespace wsbench::store {

/// A handshake, or a message and its echo: a row of handshake_times.csv or message_latencies.csv.
struct Pair {
  event::Time began{};  ///< ws_init, or the message's due time
  std::uint32_t client = 0;
  std::uint32_t sequence = 0;  ///< 0 for a handshake
  event::Duration elapsed{};   ///< to ws_onopen; from due to recv_message
  event::Duration lag{};       ///< sent - due; 0 for a handshake
};

/// Which halves are paired: ws_init and ws_onopen, or a measured message and its echo.
enum class PairKind { handshake, message };

/// Some thousand pairs of one round in the order of their completion; may be none.
struct PairStretch {
  std::span<const Pair> pairs;
  Reading reading;  ///< so far
};

/// Every handshake that was done, or every measured message that came back, in the order of their completion
/// over all shards; rounds come one after the other. Holds what is under way, and the pairs of blocks whose
/// times overlap. `visit` returns false to stop early. Errors as scan_blocks().
Result<Reading> scan_pairs(const Run& run, std::string_view contestant, PairKind kind,
                           const std::function<bool(const PairStretch&)>& visit);

}  // namespace wsbench::store
