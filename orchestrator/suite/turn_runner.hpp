#pragma once

#include <stop_token>
#include <string>

#include <tl/expected.hpp>

#include "orchestrator/config/suite_config.hpp"
#include "orchestrator/contestants/contestant.hpp"
#include "orchestrator/suite/observer.hpp"
#include "orchestrator/suite/suite_control.hpp"

namespace wsbench::suite {

/// What every turn of a suite needs; all of it outlives the turns.
struct SuiteContext {
  const config::Config& config;
  const client::Plan& plan;
  store::Run& run;
  rpc::Supervisor& supervisor;
  Observer& observer;
  const SuiteControl& control;
  std::stop_token stop;              ///< of this turn
  bool monitored = false;            ///< the plug-in is there
  results::Nanoseconds overhead{0};  ///< per turn beyond the plan, measured so far: for estimates
};

/// What is known of a contestant before its turn.
struct Installed {
  bool known = false;
  bool installed = true;
  std::string packages;  ///< to install when it is not
};

/// Takes one contestant through one round: started, probed, loaded, stopped whatever went wrong, its result
/// saved and journalled. Blocks until all that is done. The error is one of the infrastructure: the suite
/// ends; a contestant's own failure, and a cancellation, are in the result.
tl::expected<results::RoundResult, contestants::InfrastructureError> run_turn(const SuiteContext& context,
                                                                              const TurnView& position,
                                                                              const Installed& installed);

}  // namespace wsbench::suite
