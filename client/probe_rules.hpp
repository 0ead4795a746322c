#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "client/plan.hpp"
#include "client/probe.hpp"

namespace wsbench::client {

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
/// and in a thread of its own, all at the same time; blocks for at most about `limit`. For a server that
/// shall be measured, probe_conformance() is quicker.
std::vector<Check> probe_rules(const Target& target, std::chrono::nanoseconds limit);

}  // namespace wsbench::client
