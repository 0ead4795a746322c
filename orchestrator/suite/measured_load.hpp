#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include <tl/expected.hpp>

#include "client/load/load.hpp"
#include "orchestrator/contestants/contestant.hpp"
#include "orchestrator/contestants/monitor.hpp"
#include "orchestrator/results/round_result.hpp"
#include "store/run/run.hpp"
#include "store/run/writer.hpp"

namespace wsbench::suite {

/// What a load needs beside its plan.
struct LoadTask {
  store::Run& run;
  const client::Plan& plan;
  std::string contestant;                ///< whose column family gets the events
  rpc::Supervisor* monitored = nullptr;  ///< samples of the server are taken through it, the first one before
                                         ///< any client connects; null: none
  std::stop_token stop;
};

/// Called from the suite's thread while the load runs. An error ends the load early.
struct LoadWatch {
  std::function<tl::expected<void, contestants::TurnError>(event::Phase)> on_phase;
  std::function<tl::expected<void, contestants::TurnError>()> on_second;
  std::function<void(const client::Snapshot&)> on_progress;
  std::function<void(const contestants::ServerSample&)> on_sample;
};

/// A load that has ended, its events on disk.
struct LoadRun {
  client::Summary summary;
  store::WriterSummary written;
  std::uint64_t lost_samples = 0;
  double stolen_cpu_share = 0;  ///< see RoundResult
  std::optional<contestants::TurnError>
      ended_by;  ///< why it ended early: the contestant died, a stop was requested, ...
};

/// Runs the plan to its end, or until the watch or the stop ends it: what was measured until then is kept.
tl::expected<LoadRun, contestants::TurnError> run_load(const LoadTask& task, const LoadWatch& watch);

/// Folds the load's stored events into the result.
tl::expected<void, contestants::TurnError> fold_load_into(results::RoundResult& result,
                                                          const client::Plan& plan, const LoadRun& load,
                                                          const store::Run& run);

/// What the endings of the clients say of the contestant; none when it served them.
std::optional<results::Failure> failure_under_load(const results::RoundResult& result);

}  // namespace wsbench::suite
