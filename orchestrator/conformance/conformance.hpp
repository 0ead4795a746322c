#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "client/probe/probe_rules.hpp"
#include "orchestrator/contestants/contestant_info.hpp"

// Whether a contestant keeps the rules of the competition (competition/README.md).

namespace wsbench::conformance {

/// The verdict on a rule, after the "expected" of the contestant's manifest.
enum class Verdict {
  passed,
  failed,
  expected,         ///< it failed, as its manifest says and explains
  unexpected_pass,  ///< it passed although its manifest expects otherwise: the manifest is to be mended
  skipped,          ///< it could not be tried here; nothing is said of the contestant
};

/// "passed", "unexpected_pass", ...: in the JSON.
std::string_view name(Verdict verdict) noexcept;

/// What trying a rule showed, before the manifest is considered.
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
  /// Why it was not tried; if it was, what else is wrong: its manifest, or that it ended.
  std::string message;
  std::vector<RuleResult> rules;  ///< all_rules(), in their order; empty unless tried
  std::chrono::nanoseconds own_start{0}, took{0};
};

std::string_view name(Conformance::State state) noexcept;

/// client::probed_rules(), and those that need many clients or a look at the contestant's processes.
const std::vector<client::Rule>& all_rules();

/// A rule's outcome, held against what the contestant's manifest expects.
RuleResult result_of(std::string rule, RuleOutcome outcome, const contestants::Expectations& expectations);

/// False when a rule failed unexpectedly, or something beside the rules is wrong, or none could be tried
/// though the contestant is installed.
bool conforms(const Conformance& conformance) noexcept;

}  // namespace wsbench::conformance
