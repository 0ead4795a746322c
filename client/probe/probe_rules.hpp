#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string_view>
#include <vector>

#include "client/websocket/target.hpp"
#include "client/probe/probe.hpp"

namespace wsbench::client {

/// What our close frames say where the answer is looked at. It is of the range for private use (RFC 6455,
/// section 7.4.2): a server has no business with it but to send it back.
constexpr std::uint16_t kTrialCloseCode = 4321;

/// A rule that an echo server must keep. The names are those of competition/README.md, and of "expected" in
/// the contestants' manifests.
struct Rule {
  std::string_view name;
  std::string_view short_name;  ///< heads the rule's column in a table
  std::string_view meaning;     ///< ends the sentence "an echo server ..."
};

/// The rules that can be tried from any machine, in the order in which they are shown.
const std::vector<Rule>& probed_rules();

/// Tries each of probed_rules(), in that order: every form of a frame's length up to 1 MiB, fragments, pings,
/// text that is no UTF-8, the closing handshake, any path and Origin, no compression. Each on a connection
/// and in a thread of its own, all at the same time; blocks for at most about `limit`, or until a stop, after
/// which what the checks say means nothing. For a server that shall be measured, probe_conformance() is
/// quicker.
std::vector<Check> probe_rules(const Target& target, std::chrono::nanoseconds limit,
                               const std::stop_token& stop = {});

}  // namespace wsbench::client
