#include "orchestrator/conformance/conformance.hpp"

#include <stdio.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <regex>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "orchestrator/conformance/matrix.hpp"

using namespace std::chrono_literals;
using namespace wsbench::conformance;
using namespace wsbench::contestants;
using Kind = RuleOutcome::Kind;
using State = Conformance::State;

namespace {

/// Tried, and every rule passed but for those that are given.
Conformance tried(std::string name, const std::vector<RuleResult>& others = {}) {
  Conformance conformance;
  conformance.contestant = std::move(name);
  conformance.own_start = 120ms;
  conformance.took = 2400ms;
  for (const auto& rule : all_rules()) {
    const auto other = std::find_if(others.begin(), others.end(),
                                    [&](const RuleResult& result) { return result.rule == rule.name; });
    conformance.rules.push_back(
        other != others.end() ? *other : RuleResult{std::string(rule.name), Verdict::passed, {}, {}});
  }
  return conformance;
}

Conformance untried(std::string name, State state, std::string message) {
  Conformance conformance;
  conformance.contestant = std::move(name);
  conformance.state = state;
  conformance.message = std::move(message);
  return conformance;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for (const auto& rule : all_rules()) names.emplace_back(rule.name);
  return names;
}

/// The names in the first column of the README's table of checks.
std::vector<std::string> names_in_readme() {
  std::ifstream readme(WSBENCH_COMPETITION_FOLDER "/README.md");
  std::vector<std::string> names;
  std::string line;
  while (std::getline(readme, line) && !line.starts_with("| check |")) continue;
  while (std::getline(readme, line) && line.starts_with('|')) {
    const auto cell = line.substr(1, line.find('|', 1) - 1);
    const std::regex quoted("`([^`]+)`");
    for (std::sregex_iterator name(cell.begin(), cell.end(), quoted), end; name != end; ++name)
      names.push_back((*name)[1]);
  }
  return names;
}

/// The names that tests/competition/conformance.py tries.
std::vector<std::string> names_in_python() {
  const std::unique_ptr<FILE, int (*)(FILE*)> python(
      ::popen("cd " WSBENCH_COMPETITION_FOLDER "/../tests/competition && /usr/bin/python3 -B -c "
              "'import conformance; print(*conformance.NAMES)'",
              "r"),
      ::pclose);
  std::vector<std::string> names;
  char name[64];
  while (::fscanf(python.get(), "%63s", name) == 1) names.emplace_back(name);
  return names;
}

}  // namespace

TEST_CASE("the rules are the same in the README, in the tests of the contestants and here") {
  CHECK(names_in_readme() == rule_names());
  CHECK(names_in_python() == rule_names());
}

TEST_CASE("every rule has a name and a heading of its own, and those of one contestant stand at the end") {
  std::set<std::string_view> names, headings;
  for (const auto& rule : all_rules()) {
    names.insert(rule.name);
    headings.insert(rule.short_name);
  }
  CHECK(names.size() == all_rules().size());
  CHECK(headings.size() == all_rules().size());
  CHECK(all_rules().back().name == "sigterm");
}

TEST_CASE("a verdict weighs what came of a rule against what the manifest expects") {
  const Expectations expectations{{"ping", "it has no pongs"}};
  const auto verdict = [&](const char* rule, Kind kind) {
    return result_of(rule, {kind, "because"}, expectations).verdict;
  };
  CHECK(verdict("fragments", Kind::passed) == Verdict::passed);
  CHECK(verdict("fragments", Kind::failed) == Verdict::failed);
  CHECK(verdict("fragments", Kind::skipped) == Verdict::skipped);
  CHECK(verdict("ping", Kind::passed) == Verdict::unexpected_pass);
  CHECK(verdict("ping", Kind::failed) == Verdict::expected);
  CHECK(verdict("ping", Kind::skipped) == Verdict::skipped);
  CHECK(result_of("ping", {Kind::failed, "because"}, expectations).expected == "it has no pongs");
  CHECK(result_of("ping", {Kind::failed, "because"}, expectations).detail == "because");
}

TEST_CASE("a contestant conforms unless a rule failed unexpectedly or it did not start") {
  CHECK(conforms(tried("good")));
  CHECK(conforms(tried("excused", {{"ping", Verdict::expected, "no pong", "it has none"}})));
  CHECK(conforms(tried("better", {{"ping", Verdict::unexpected_pass, "", "it has none"}})));
  CHECK(conforms(tried("half", {{"clients_2000", Verdict::skipped, "needs 2,200 open files", ""}})));
  CHECK_FALSE(conforms(tried("bad", {{"ping", Verdict::failed, "no pong", ""}})));
  auto crashed = tried("crashed", {{"ping", Verdict::expected, "no pong", "it has none"}});
  crashed.message = "it ended under load: EXITED";
  CHECK_FALSE(conforms(crashed));
  CHECK_FALSE(conforms(untried("down", State::not_started, "it ended before it served")));
  CHECK(conforms(untried("absent", State::not_installed, "needs ghc")));
}

TEST_CASE("fifty contestants fit into a matrix of 120 columns, a row each") {
  std::vector<Conformance> contestants;
  for (int i = 0; i < 50; ++i) contestants.push_back(tried("python-gevent-websocket-N"));
  std::istringstream lines(render_conformance(contestants, false));
  int rows = 0;
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.size() <= 120);
    if (line.rfind("python-gevent-websocket-N", 0) == 0) ++rows;
  }
  CHECK(rows == 50);
}

TEST_CASE("the report marks each verdict and gives the reasons of those that are not simply passed") {
  const auto text = render_conformance(
      {tried("bad", {{"text_is_text", Verdict::failed, "came binary of 3 bytes", ""},
                     {"binary_is_binary", Verdict::expected, "came text", "it knows text only"},
                     {"size_0", Verdict::unexpected_pass, "", "it was said to hang"},
                     {"size_1", Verdict::skipped, "needs more files", ""}}),
       untried("down", State::not_started, "it ended before it served: EXITED"),
       untried("absent", State::not_installed, "needs ghc (no ghc)")},
      false);
  INFO(text);
  std::istringstream lines(text);
  std::string title, row;
  std::getline(lines, title);
  std::getline(lines, row);
  std::istringstream cells(row);
  std::vector<std::string> marks;
  for (std::string cell; cells >> cell;) marks.push_back(cell);
  REQUIRE(marks.size() == all_rules().size() + 1);
  CHECK(std::vector<std::string>(marks.begin(), marks.begin() + 6) ==
        std::vector<std::string>{"bad", "F", "e", "P", "-", "."});
  CHECK(has(text, "bad: text_is_text (sends text back as text): came binary of 3 bytes"));
  CHECK(has(text, "bad: binary_is_binary: it knows text only"));
  CHECK(has(text, "bad: size_0: it was said to hang"));
  CHECK(has(text, "bad: size_1: needs more files"));
  CHECK(has(text, "down: it ended before it served: EXITED"));
  CHECK(has(text, "absent: needs ghc (no ghc)"));
  CHECK(has(text, "0 of 1 conform, 1 did not start, 1 not installed."));
  for (const auto& rule : all_rules()) CHECK(has(text, rule.name));
}

TEST_CASE("what is wrong with a contestant beside the rules is told in every form of the report") {
  auto crashed = tried("crashed");
  crashed.message = "it ended under load: EXITED; it said: out of patience";
  CHECK(has(render_conformance({crashed}, false),
            "crashed: it ended under load: EXITED; it said: out of patience"));
  CHECK(has(render_conformance({crashed}, false), "0 of 1 conform"));
  CHECK(has(conformance_line(crashed), "does not conform: 22 passed"));
  CHECK(has(conformance_line(crashed), crashed.message));
  CHECK(conformance_json({crashed}).at("contestants").at(0).at("message") == crashed.message);
  CHECK_FALSE(has(render_conformance({tried("good")}, false), "beside the rules"));
}

TEST_CASE("a line of progress counts the verdicts") {
  CHECK(conformance_line(tried("node-ws", {{"ping", Verdict::expected, "no pong", "it has none"}})) ==
        "node-ws: conforms: 21 passed, 1 failed as expected (2.4 s, its start 120 ms)");
  CHECK(has(conformance_line(tried("x-y", {{"ping", Verdict::failed, "no pong", ""}})),
            "does not conform: 1 failed, 21 passed"));
  CHECK(conformance_line(untried("x-y", State::not_installed, "needs ghc")) ==
        "x-y: not installed: needs ghc");
}

TEST_CASE("the JSON has every rule of a contestant with its verdict") {
  const auto document = conformance_json({tried("bad", {{"ping", Verdict::failed, "no pong", ""}}),
                                          untried("absent", State::not_installed, "needs ghc")});
  const auto& bad = document.at("contestants").at(0);
  CHECK(bad.at("state") == "tried");
  CHECK(bad.at("conforms") == false);
  CHECK(bad.at("took_ns") == 2'400'000'000);
  REQUIRE(bad.at("rules").size() == all_rules().size());
  for (const auto& rule : bad.at("rules")) {
    CHECK(rule.at("verdict") == (rule.at("rule") == "ping" ? "failed" : "passed"));
  }
  CHECK(document.at("contestants").at(1).at("state") == "not_installed");
}
