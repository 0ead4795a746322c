#include "orchestrator/report/terminal_progress.hpp"

#include <catch2/catch.hpp>

#include "tests/orchestrator/results/results.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using namespace wsbench::report;
using namespace wsbench::results;
using namespace wsbench::suite;
using wsbench::test::completed_round;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Fixture {
  Turn turn{1, "node-ws"};
  client::Plan plan;
  TurnView view{2, 7, turn, TurnState::measuring, plan, 3s, 5s, 65s};
};

}  // namespace

TEST_CASE_METHOD(
    Fixture, "the status line tells contestant, round, phase, clients, rate, quantiles and what is left") {
  client::Snapshot snapshot;
  snapshot.phase = event::Phase::measuring;
  snapshot.phase_began = event::Clock::now() - 2s;
  snapshot.open = 9981;
  snapshot.measured_received = 20000;
  for (int i = 0; i < 100; ++i) snapshot.latency.record(1ms);
  const auto line = status_line(view, snapshot);
  INFO(line);
  CHECK(has(line, "[3/7] node-ws (round 2) measuring 0:00:02 of 0:10:00"));
  CHECK(has(line, "9,981 open"));
  CHECK(has(line, " msg/s, p50 1 ms, p99 1 ms"));
  CHECK(has(line, "left: contestant 0:00:05, suite 0:01:05"));
}

TEST_CASE_METHOD(Fixture, "while clients connect the status line says of how many, and no rate yet") {
  client::Snapshot snapshot;
  snapshot.phase_began = event::Clock::now();
  snapshot.open = 12;
  const auto line = status_line(view, snapshot);
  INFO(line);
  CHECK(has(line, "ramp, 12 open of 10,000"));
  CHECK_FALSE(has(line, "msg/s"));
}

TEST_CASE_METHOD(Fixture,
                 "the outcome line of a failed or absent contestant says why, of an invalid one which gate") {
  auto round = completed_round("node-ws", 2ms, 1);
  CHECK(has(outcome_line(view, round),
            "completed: p50 1 ms, p99 2 ms, 100 of 100 clients, 0 of 1,000 messages lost"));
  round.gates = {{"client_punctual", false, "lag"}};
  CHECK(has(outcome_line(view, round), "INVALID: client_punctual: lag"));
  round.failure = Failure{FailureKind::died, "it ended under load", "", ""};
  round.state = TurnState::failed;
  CHECK(has(outcome_line(view, round), "failed: died: it ended under load"));
  RoundResult absent;
  absent.state = TurnState::not_installed;
  absent.package_hint = "node-ws";
  CHECK(has(outcome_line(view, absent), "not_installed: needs node-ws"));
}
