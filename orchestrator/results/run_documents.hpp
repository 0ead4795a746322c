#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "orchestrator/results/round_result.hpp"
#include "store/run/run.hpp"

// What a run's default column family holds beside the events: the manifest, a result per turn, and the
// journal.

namespace wsbench::results {

/// What a run set out to do, and on what. Written once, before the first turn.
struct Manifest {
  static constexpr int kVersion = 1;

  std::string suite;
  event::Time created{};
  nlohmann::json config;  ///< to_json(Config)
  std::string wsbench_version;
  nlohmann::json client_machine;  ///< see machine.hpp
  nlohmann::json server_machine;  ///< the monitor's getMachineInfo; null without a monitor
  bool same_machine = true;
  std::string supervisord;     ///< where, and its version
  std::string load;            ///< the plan, a line for people
  std::string pinning;         ///< "contestants on CPU 0, client on CPU 1", or why not
  nlohmann::json contestants;  ///< by name: the monitor's getContestantInfo
  std::vector<Turn> turns;     ///< in the order in which they are taken
};

/// Everything that a run's outputs are made from.
struct SuiteResult {
  Manifest manifest;
  std::vector<ContestantResult> contestants;  ///< in the order of the first round's turns
  std::optional<RoundResult> floor;           ///< the same load against the null echo server
  bool complete = false;                      ///< every turn is finished
};

/// The null echo server's place among the contestants' column families.
constexpr const char* kFloorName = "null-echo";

store::Result<void> save_manifest(store::Run& run, const Manifest& manifest);
store::Result<Manifest> read_manifest(const store::Run& run);

store::Result<void> save_result(store::Run& run, const RoundResult& result);

/// The manifest and every result that is there.
store::Result<SuiteResult> read_suite_result(const store::Run& run);

/// Appends to the journal: a turn enters a state. Synced before it returns: call it before acting on the
/// state.
store::Result<void> journal_turn(store::Run& run, const Turn& turn, TurnState state,
                                 std::string_view detail = {});

enum class SuiteMark { began, resumed, ended, interrupted, broken };
store::Result<void> journal_suite(store::Run& run, SuiteMark mark, std::string_view detail = {});

/// Turns whose last journalled state is a finished one; their results were saved before.
store::Result<std::vector<Turn>> finished_turns(const store::Run& run);

/// True when the journal's last mark of the suite is `ended`.
store::Result<bool> has_ended(const store::Run& run);

}  // namespace wsbench::results
