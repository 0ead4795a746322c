#pragma once

#include <vector>

#include "client/plan.hpp"
#include "orchestrator/config/suite_config.hpp"
#include "orchestrator/results/round_result.hpp"

namespace wsbench::results {

/// The client's lag may be as large as this share of the latency that it is part of, ...
constexpr double kLagShare = 0.2;
/// ... or as large as this, whichever is more. Above it the client was the bottleneck.
constexpr Nanoseconds kLagFloor = std::chrono::milliseconds{10};
/// A shard that used more of its core than this had no time left to be punctual.
constexpr double kClientCpuLimit = 0.9;

/// Judges one measured round by the sanity rules of docs/methodology.md; every rule that applies is in the
/// answer, passed or not.
std::vector<Gate> check_gates(const RoundResult& result, const client::Plan& plan);

/// What the config's thresholds demand and this round does not meet, a sentence each.
std::vector<std::string> missed_thresholds(const RoundResult& result, const config::Thresholds& thresholds);

}  // namespace wsbench::results
