#pragma once

#include <chrono>
#include <string>

#include "client/plan.hpp"
#include "orchestrator/config/suite_config.hpp"
#include "orchestrator/machine/placement.hpp"

namespace wsbench::suite {

/// The load that the config asks for, against its own host and port.
client::Plan make_plan(const config::Config& config, const machine::Placement& placement);

/// How long the plan takes when all goes well: ramp, warm-up and measuring.
std::chrono::nanoseconds planned_duration(const client::Plan& plan);

/// "open loop, 100 clients, a message each every 100 ms, 20 bytes, 5 s after 0.5 s of warm-up": a line for
/// people.
std::string describe(const client::Plan& plan);

}  // namespace wsbench::suite
