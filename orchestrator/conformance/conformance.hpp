#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "client/plan.hpp"
#include "client/probe/probe_rules.hpp"
#include "orchestrator/contestants/contestant.hpp"
#include "orchestrator/contestants/contestant_info.hpp"
#include "rpc/supervisor.hpp"

// Whether a contestant keeps the rules of the competition (competition/README.md).

namespace wsbench::conformance {

/// What came of a rule, in view of what the contestant's manifest says under "expected".
enum class Verdict {
  passed,
  failed,
  expected,         ///< it failed, as its manifest says and explains
  unexpected_pass,  ///< it passed although its manifest expects otherwise: the manifest is to be mended
  skipped,          ///< it could not be tried here; nothing is said of the contestant
};

/// "passed", "unexpected_pass", ...: in the JSON.
std::string_view name(Verdict verdict) noexcept;

/// What trying a rule showed, the manifest not yet looked at.
struct RuleOutcome {
  enum class Kind { passed, failed, skipped };
  Kind kind = Kind::passed;
  std::string detail;  ///< why it failed, or was skipped
};

struct RuleResult {
  std::string rule;
  Verdict verdict = Verdict::passed;
  std::string detail;    ///< why it failed, or was skipped
  std::string expected;  ///< why its manifest expects it to fail; empty: it does not
};

/// One contestant, held to the rules.
struct Conformance {
  enum class State {
    tried,
    not_started,    ///< nothing could be tried: it does not come up
    not_installed,  ///< its platform is not on the contestants' machine
    cancelled,
  };

  std::string contestant;
  State state = State::tried;
  /// Why it was not tried; of one that was, what is wrong beside the rules: its manifest, or that it ended.
  std::string message;
  std::vector<RuleResult> rules;  ///< all_rules(), in their order; empty unless tried
  std::chrono::nanoseconds own_start{0}, took{0};
};

std::string_view name(Conformance::State state) noexcept;

/// client::probed_rules(), and those that need many clients or a look at the contestant's processes.
const std::vector<client::Rule>& all_rules();

RuleResult weigh(std::string rule, RuleOutcome outcome, const contestants::Expectations& expectations);

/// False when a rule failed unexpectedly, or something beside the rules is wrong, or none could be tried
/// though the contestant is installed.
bool conforms(const Conformance& conformance) noexcept;

struct ConformanceTask {
  rpc::Supervisor& supervisor;
  client::Target target;       ///< where the contestants listen
  std::uint64_t server_files;  ///< open files that the contestants may have
  std::stop_token stop;
  std::function<void(std::string_view contestant, std::string_view step)> on_step;
};

/// Starts a contestant, tries the rules, and stops it, whatever comes. The error: supervisord does not
/// answer, or this machine cannot carry the clients.
tl::expected<Conformance, contestants::InfrastructureError> examine(
    const ConformanceTask& task, const contestants::ContestantInfo& entrant);

}  // namespace wsbench::conformance
