#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "orchestrator/control/state/status.hpp"

// The words in which a contestant's description tells where its turn is: one line, for `supervisorctl
// status`, the command line and the dashboard alike. docs/control.md has the table.

namespace wsbench::control::state {

/// "queued, next"; "queued, 2 suites before it".
std::string describe_queued(std::size_t suites_before);

/// "waiting, 3 of 7": the third of seven turns.
std::string describe_waiting(std::size_t position, std::size_t turns);

/// Of a turn that is not under load and has no result: "starting", "warming up", "cancelled". With the round,
/// from 0, where there are several: "starting, round 2 of 5".
std::string describe(results::TurnState state, std::uint16_t round = 0, std::uint16_t rounds = 1);

/// Of a turn under load: "measuring 34 of 60 s, 10000 clients, 9981 msg/s, p99 1.9 ms"; "connecting, 4000 of
/// 10000 clients". Where there are rounds, "round 2 of 5" follows the time. The p99 is of all measured
/// messages so far; in the warm-up of the last second's.
std::string describe(const Live& live, std::uint16_t rounds, event::Time now);

/// Of a turn that has ended: "completed: p50 83 us, p99 210 us, 100 of 100 clients, 0 of 5,000 messages
/// lost"; what failed, with the kind of its failure before it.
std::string describe(const results::RoundResult& result);

}  // namespace wsbench::control::state
