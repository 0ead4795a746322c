#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/config/suite_config.hpp"
#include "orchestrator/contestants/contestant.hpp"
#include "orchestrator/results/run_documents.hpp"
#include "orchestrator/suite/load_plan.hpp"
#include "orchestrator/suite/observer.hpp"
#include "orchestrator/suite/suite_control.hpp"
#include "rpc/supervisor.hpp"
#include "store/run/run.hpp"

namespace wsbench::suite {

/// What a suite runs with; all of it outlives the suite.
struct SuiteTask {
  const config::Config& config;
  store::Run& run;
  rpc::Supervisor& supervisor;
  Observer& observer;
  SuiteControl& control;
  machine::Placement placement;
  nlohmann::json
      declared_config;  ///< to_json of the config as the user gave it, before --local's own host and port
  std::string supervisord_display;  ///< for the manifest: no password in it
  std::string wsbench_version;
};

/// The turns of a suite: every contestant once a round, in the config's order or shuffled within each round.
std::vector<results::Turn> make_turns(const config::Config& config,
                                      const std::vector<std::string>& contestants);

/// Makes the manifest of a new run: asks supervisord and its monitor for the contestants and their machine.
tl::expected<results::Manifest, contestants::InfrastructureError> prepare_run(const SuiteTask& task);

enum class SuiteEnd { complete, interrupted };

/// Takes every turn of the manifest that is not finished yet, in order; what the control skips is left out.
/// Blocks until the end. The results are in the run.
tl::expected<SuiteEnd, contestants::InfrastructureError> run_suite(const SuiteTask& task,
                                                                   const results::Manifest& manifest);

}  // namespace wsbench::suite
