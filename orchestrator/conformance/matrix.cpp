#include "orchestrator/conformance/matrix.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orchestrator/util/quantities.hpp"
#include "orchestrator/util/text_table.hpp"

namespace wsbench::conformance {

using util::TextTable;

using nlohmann::json;
using State = Conformance::State;

namespace {

constexpr std::size_t kWidth = 118;

/// A letter for each verdict, in the order of their numbers.
constexpr std::string_view kMarks = ".FeP-";

std::string matrix(const std::vector<Conformance>& contestants, bool bold) {
  std::vector<TextTable::Column> columns{{"contestant", TextTable::Align::left}};
  for (const auto& rule : all_rules()) columns.push_back({std::string(rule.short_name)});
  TextTable table(std::move(columns));
  for (const auto& contestant : contestants) {
    if (contestant.state != State::tried) continue;
    std::vector<std::string> cells{contestant.contestant};
    for (const auto& result : contestant.rules)
      cells.emplace_back(1, kMarks.at(static_cast<std::size_t>(result.verdict)));
    table.add(std::move(cells));
  }
  return table.empty() ? std::string() : table.render(bold);
}

/// "tx text_is_text", side by side in columns, downwards.
std::string legend() {
  const auto& rules = all_rules();
  std::vector<std::string> entries;
  std::size_t widest = 0;
  for (const auto& rule : rules) {
    entries.push_back(fmt::format("{:<4} {}", rule.short_name, rule.name));
    widest = std::max(widest, entries.back().size());
  }
  const auto across = kWidth / (widest + 2);
  const auto down = (entries.size() + across - 1) / across;
  std::string text;
  for (std::size_t line = 0; line < down; ++line) {
    std::string row;
    for (auto i = line; i < entries.size(); i += down) row += fmt::format("{:<{}}  ", entries[i], widest);
    text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
  }
  return text +
         ". passed   F failed   e failed as its manifest expects   P passed although expected to fail   - "
         "skipped\n";
}

std::array<std::size_t, kMarks.size()> count_verdicts(const Conformance& contestant) {
  std::array<std::size_t, kMarks.size()> counts{};
  for (const auto& result : contestant.rules) ++counts[static_cast<std::size_t>(result.verdict)];
  return counts;
}

/// "ping (answers pings)".
std::string explained(const std::string& name) {
  const auto& rules = all_rules();
  const auto rule =
      std::find_if(rules.begin(), rules.end(), [&](const auto& one) { return one.name == name; });
  return rule == rules.end() ? name : fmt::format("{} ({})", name, rule->meaning);
}

/// A heading and a line for each result of that verdict; nothing when there is none.
std::string reasons(const std::vector<Conformance>& contestants, Verdict verdict, std::string_view heading) {
  std::string text;
  for (const auto& contestant : contestants) {
    for (const auto& result : contestant.rules) {
      if (result.verdict != verdict) continue;
      const bool by_manifest = verdict == Verdict::expected || verdict == Verdict::unexpected_pass;
      text += fmt::format("  {}: {}: {}\n", contestant.contestant,
                          verdict == Verdict::failed ? explained(result.rule) : result.rule,
                          by_manifest ? result.expected : result.detail);
    }
  }
  return text.empty() ? text : fmt::format("\n{}\n{}", heading, text);
}

std::string messages(const std::vector<Conformance>& contestants, State state, std::string_view heading) {
  std::string text;
  for (const auto& contestant : contestants) {
    if (contestant.state == state && !contestant.message.empty())
      text += fmt::format("  {}: {}\n", contestant.contestant, contestant.message);
  }
  return text.empty() ? text : fmt::format("\n{}\n{}", heading, text);
}

std::string summary(const std::vector<Conformance>& contestants) {
  const auto count = [&](State state) {
    return std::count_if(contestants.begin(), contestants.end(),
                         [&](const Conformance& one) { return one.state == state; });
  };
  const auto tried = count(State::tried);
  const auto conforming = std::count_if(contestants.begin(), contestants.end(), [](const Conformance& one) {
    return one.state == State::tried && conforms(one);
  });
  std::vector<std::string> parts{fmt::format("{} of {} conform", conforming, tried)};
  if (const auto n = count(State::not_started); n > 0) parts.push_back(fmt::format("{} did not start", n));
  if (const auto n = count(State::not_installed); n > 0) parts.push_back(fmt::format("{} not installed", n));
  if (count(State::cancelled) > 0) parts.emplace_back("interrupted");
  return fmt::format("\n{}.\n", fmt::join(parts, ", "));
}

}  // namespace

std::string render_conformance(const std::vector<Conformance>& contestants, bool bold) {
  std::string text = matrix(contestants, bold);
  if (!text.empty()) text += "\n" + legend();
  text += messages(contestants, State::not_started, "Did not start");
  text += messages(contestants, State::tried, "Other faults");
  text += reasons(contestants, Verdict::failed, "Failed");
  text += reasons(contestants, Verdict::unexpected_pass,
                  "Passed, though the manifest expects otherwise: take it out of \"expected\"");
  text += reasons(contestants, Verdict::expected, "Failed as expected");
  text += reasons(contestants, Verdict::skipped, "Skipped");
  text += messages(contestants, State::not_installed, "Not installed");
  return text + summary(contestants);
}

std::string conformance_line(const Conformance& contestant) {
  const auto& name = contestant.contestant;
  switch (contestant.state) {
    case State::not_started:
      return fmt::format("{}: did not start: {}", name, contestant.message);
    case State::not_installed:
      return fmt::format("{}: not installed: {}", name, contestant.message);
    case State::cancelled:
      return fmt::format("{}: interrupted", name);
    case State::tried:
      break;
  }
  const auto counts = count_verdicts(contestant);
  std::vector<std::string> parts;
  for (const auto verdict :
       {Verdict::failed, Verdict::passed, Verdict::expected, Verdict::unexpected_pass, Verdict::skipped}) {
    const auto count = counts[static_cast<std::size_t>(verdict)];
    if (count == 0) continue;
    const auto word = verdict == Verdict::unexpected_pass ? std::string("passed unexpectedly")
                      : verdict == Verdict::expected      ? std::string("failed as expected")
                                                          : std::string(conformance::name(verdict));
    parts.push_back(fmt::format("{} {}", count, word));
  }
  return fmt::format("{}: {}: {} ({}, its start {}){}", name,
                     conforms(contestant) ? "conforms" : "does not conform", fmt::join(parts, ", "),
                     util::format_duration(contestant.took), util::format_duration(contestant.own_start),
                     contestant.message.empty() ? "" : ": " + contestant.message);
}

json conformance_json(const std::vector<Conformance>& contestants) {
  json listed = json::array();
  for (const auto& contestant : contestants) {
    json rules = json::array();
    for (const auto& result : contestant.rules) {
      rules.push_back({{"rule", result.rule},
                       {"verdict", conformance::name(result.verdict)},
                       {"detail", result.detail},
                       {"expected", result.expected}});
    }
    listed.push_back({{"name", contestant.contestant},
                      {"state", conformance::name(contestant.state)},
                      {"conforms", contestant.state == State::tried && conforms(contestant)},
                      {"message", contestant.message},
                      {"own_start_ns", contestant.own_start.count()},
                      {"took_ns", contestant.took.count()},
                      {"rules", std::move(rules)}});
  }
  return {{"schema", 1}, {"contestants", std::move(listed)}};
}

}  // namespace wsbench::conformance
