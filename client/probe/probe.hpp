#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "client/websocket/target.hpp"
#include "store/event/event.hpp"

namespace wsbench::client {

/// How one attempt at "a handshake and one echo" ended.
struct ProbeFailure {
  event::Ending ending;
  std::string detail;  ///< one line for people: what was expected, what came
  /// Nobody listens yet, or it is not serving yet (silent, or HTTP 502 to 504): worth another attempt. False
  /// for a server that answered, but wrongly.
  bool may_pass_later = false;
};

/// How long whoever asks whether a server serves should wait for one echo, though its handshake was quick:
/// any server that is worth measuring takes less.
constexpr std::chrono::seconds kEchoLimit{10};

/// One WebSocket connection: handshake, one 20-byte text echo, close. Blocks for at most either limit, one
/// after the other, or some milliseconds from the request to stop on (Reason::stopped).
tl::expected<void, ProbeFailure> probe_echo(const Target& target, std::chrono::nanoseconds handshake_limit,
                                            std::chrono::nanoseconds echo_limit,
                                            const std::stop_token& stop = {});

/// The same with one limit for each of the two.
inline tl::expected<void, ProbeFailure> probe_echo(const Target& target, std::chrono::nanoseconds limit) {
  return probe_echo(target, limit, limit);
}

/// One thing that an echo server must do, and whether this one does.
struct Check {
  std::string name;  ///< a rule's (client/probe/probe_rules.hpp): "binary_is_binary", "size_65536", "ping"
  bool passed = false;
  std::string detail;  ///< why not; empty when passed
};

/// What an echo server must do: text, binary, payloads of 0, 125, 126, 65,535 and 65,536 bytes, fragments
/// joined, a ping (alone and between fragments) answered, UTF-8 cut across frames, our close answered with
/// our code. Each on a connection of its own, all at the same time; blocks for at most about `limit` in all.
std::vector<Check> probe_conformance(const Target& target, std::chrono::nanoseconds limit);

}  // namespace wsbench::client
