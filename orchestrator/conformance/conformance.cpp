#include "orchestrator/conformance/conformance.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace wsbench::conformance {

std::string_view name(Verdict verdict) noexcept {
  constexpr std::array<std::string_view, 5> kNames{"passed", "failed", "expected", "unexpected_pass",
                                                   "skipped"};
  return kNames.at(static_cast<std::size_t>(verdict));
}

std::string_view name(Conformance::State state) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"tried", "not_started", "not_installed", "cancelled"};
  return kNames.at(static_cast<std::size_t>(state));
}

const std::vector<client::Rule>& all_rules() {
  static const std::vector<client::Rule> rules = [] {
    auto all = client::probed_rules();
    all.push_back({"nodelay", "nd", "sets TCP_NODELAY"});
    all.push_back({"clients_200", "200", "serves 200 clients that connect at once"});
    all.push_back({"clients_2000", "2k", "serves 2,000 clients that connect at once"});
    all.push_back({"sigterm", "st", "ends by SIGTERM, with all its processes, and frees its port"});
    return all;
  }();
  return rules;
}

RuleResult result_of(std::string rule, RuleOutcome outcome, const contestants::Expectations& expectations) {
  RuleResult result{std::move(rule), Verdict::passed, std::move(outcome.detail), {}};
  const auto expected = expectations.find(result.rule);
  if (expected != expectations.end()) result.expected = expected->second;
  const bool is_expected = expected != expectations.end();
  switch (outcome.kind) {
    case RuleOutcome::Kind::passed:
      result.verdict = is_expected ? Verdict::unexpected_pass : Verdict::passed;
      break;
    case RuleOutcome::Kind::failed:
      result.verdict = is_expected ? Verdict::expected : Verdict::failed;
      break;
    case RuleOutcome::Kind::skipped:
      result.verdict = Verdict::skipped;
      break;
  }
  return result;
}

bool conforms(const Conformance& conformance) noexcept {
  if (conformance.state == Conformance::State::not_started) return false;
  if (conformance.state == Conformance::State::tried && !conformance.message.empty()) return false;
  return std::none_of(conformance.rules.begin(), conformance.rules.end(),
                      [](const RuleResult& result) { return result.verdict == Verdict::failed; });
}

}  // namespace wsbench::conformance
