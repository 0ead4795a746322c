#pragma once

#include <optional>
#include <stop_token>

#include <tl/expected.hpp>

#include "client/plan.hpp"
#include "orchestrator/contestants/contestant.hpp"
#include "orchestrator/results/round_result.hpp"
#include "orchestrator/suite/load_plan.hpp"
#include "store/run/run.hpp"

namespace wsbench::suite {

/// What a calibration runs with; all of it outlives the call.
struct CalibrationTask {
  store::Run& run;
  const client::Plan& plan;  ///< of the suite
  const machine::Placement& placement;
  std::stop_token stop;
};

/// A suite's load as calibration runs it, all but its target.
client::Plan calibration_plan(client::Plan plan);

/// Runs the suite's load, for at most five seconds, against the null echo server in a process of its own on
/// this machine, and saves what came of it as the floor of the instrument. None when the stop came first.
tl::expected<std::optional<results::RoundResult>, contestants::InfrastructureError> run_calibration(
    const CalibrationTask& task);

}  // namespace wsbench::suite
