#include "orchestrator/results/gates.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/orchestrator/results/results.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using namespace wsbench::results;
using wsbench::test::completed_round;

namespace {

client::Plan open_plan() {
  client::Plan plan;
  plan.clients = 100;
  plan.interval = 1s;
  plan.measuring = 10s;
  return plan;
}

bool passes(const std::vector<Gate>& gates, std::string_view name) {
  const auto found =
      std::find_if(gates.begin(), gates.end(), [&](const Gate& gate) { return gate.name == name; });
  REQUIRE(found != gates.end());
  CHECK_FALSE(found->detail.empty());
  return found->passed;
}

}  // namespace

TEST_CASE("a sound result passes every gate") {
  for (const auto& gate : check_gates(completed_round("a", 1ms), open_plan())) {
    INFO(gate.name << ": " << gate.detail);
    CHECK(gate.passed);
  }
}

TEST_CASE("a late client invalidates a result, unless the lag is small beside the latency") {
  auto round = completed_round("a", 1ms);
  round.lag.p99 = 11ms;
  CHECK_FALSE(passes(check_gates(round, open_plan()), "client_punctual"));
  round.latency.p99 = 100ms;
  CHECK(passes(check_gates(round, open_plan()), "client_punctual"));
}

TEST_CASE("a client thread near its limit invalidates a result") {
  auto round = completed_round("a", 1ms);
  round.client_cpu_share = 0.95;
  CHECK_FALSE(passes(check_gates(round, open_plan()), "client_not_saturated"));
}

TEST_CASE("a round in which no message was due is no result") {
  auto round = completed_round("a", 1ms);
  round.sent = round.received = round.lost = 0;
  CHECK_FALSE(passes(check_gates(round, open_plan()), "anything_measured"));
}

TEST_CASE(
    "echoes that come altered or once more, and what is no echo, invalidate a result; late ones do not") {
  for (const auto count : {&RoundResult::altered, &RoundResult::duplicated, &RoundResult::foreign}) {
    auto round = completed_round("a", 1ms);
    round.reordered = 7;
    CHECK(passes(check_gates(round, open_plan()), "echoes_equal"));
    round.*count = 1;
    CHECK_FALSE(passes(check_gates(round, open_plan()), "echoes_equal"));
  }
}

TEST_CASE("events that were not recorded invalidate a result") {
  auto round = completed_round("a", 1ms);
  round.lost_events = 1;
  CHECK_FALSE(passes(check_gates(round, open_plan()), "all_events_stored"));
}

TEST_CASE("a backlog at the start of measuring invalidates a result") {
  auto round = completed_round("a", 1ms);
  round.backlog_at_start = 3;
  CHECK_FALSE(passes(check_gates(round, open_plan()), "started_without_backlog"));
}

TEST_CASE("counts that cannot be invalidate a result") {
  auto round = completed_round("a", 1ms);
  round.received = 1001;
  CHECK_FALSE(passes(check_gates(round, open_plan()), "all_due_accounted_for"));
  round = completed_round("a", 1ms);
  round.lost = 1;
  CHECK_FALSE(passes(check_gates(round, open_plan()), "all_due_accounted_for"));
  round = completed_round("a", 1ms);
  round.due = 1003;
  CHECK_FALSE(passes(check_gates(round, open_plan()), "all_due_accounted_for"));
  round.not_sent[static_cast<std::size_t>(event::NotSent::ended)] = 3;
  CHECK(passes(check_gates(round, open_plan()), "all_due_accounted_for"));
  round = completed_round("a", 1ms);
  round.established = 101;
  CHECK_FALSE(passes(check_gates(round, open_plan()), "established_within_requested"));
}

TEST_CASE("an open loop in which less fell due than was planned is invalid, whoever could not send") {
  auto round = completed_round("a", 1ms);
  round.due = round.sent = round.received = 800;
  CHECK_FALSE(passes(check_gates(round, open_plan()), "pace_kept"));
  round.due = 1000;
  round.not_sent[static_cast<std::size_t>(event::NotSent::ended)] = 200;
  CHECK(passes(check_gates(round, open_plan()), "pace_kept"));
}

TEST_CASE("Little's law is held against closed loops only") {
  auto plan = open_plan();
  plan.mode = client::Mode::closed;
  auto round = completed_round("a", 1ms);
  round.messages_under_way = 99.5;
  CHECK(passes(check_gates(round, plan), "littles_law"));
  round.messages_under_way = 80;
  CHECK_FALSE(passes(check_gates(round, plan), "littles_law"));
  round.clients_connected = 80;  // the others had ended
  CHECK(passes(check_gates(round, plan), "littles_law"));
  const auto open = check_gates(round, open_plan());
  CHECK(std::none_of(open.begin(), open.end(), [](const Gate& gate) { return gate.name == "littles_law"; }));
}

TEST_CASE("thresholds tell what was missed and by how much") {
  const auto round = completed_round("a", 30ms);
  wsbench::config::Thresholds thresholds;
  CHECK(missed_thresholds(round, thresholds).empty());
  thresholds.latency_p99_ms = 20;
  thresholds.established_ratio = 1;
  thresholds.lost_ratio = 0;
  const auto missed = missed_thresholds(round, thresholds);
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].find("latency p99") == 0);
  CHECK(missed[0].find("20 ms") != std::string::npos);
}

TEST_CASE("a quantile among the lost misses every limit") {
  auto round = completed_round("a", 1ms);
  round.latency.p99.reset();
  wsbench::config::Thresholds thresholds;
  thresholds.latency_p99_ms = 1e9;
  CHECK(missed_thresholds(round, thresholds).size() == 1);
}

TEST_CASE("with a message lost there is no mean to hold against a largest") {
  auto round = completed_round("a", 1ms);
  CHECK(passes(check_gates(round, open_plan()), "mean_within_max"));
  round.latency.mean = round.latency.max = std::nullopt;
  const auto gates = check_gates(round, open_plan());
  CHECK(std::none_of(gates.begin(), gates.end(),
                     [](const Gate& gate) { return gate.name == "mean_within_max"; }));
  config::Thresholds thresholds;
  thresholds.latency_max_ms = 1e9;
  CHECK(missed_thresholds(round, thresholds).size() == 1);
}
