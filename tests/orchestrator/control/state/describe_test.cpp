#include "orchestrator/control/state/describe.hpp"

#include <catch2/catch.hpp>

#include "tests/orchestrator/control/fake_host.hpp"
#include "tests/orchestrator/results/results.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using namespace wsbench::control::state;
using wsbench::test::completed_round;
using wsbench::test::sample_status;

namespace {

Live sample() {
  return *sample_status().live;
}

}  // namespace

TEST_CASE("a queued suite's contestants tell how many suites come before it") {
  CHECK(describe_queued(0) == "queued, next");
  CHECK(describe_queued(1) == "queued, 1 suite before it");
  CHECK(describe_queued(2) == "queued, 2 suites before it");
  CHECK(describe_waiting(3, 7) == "waiting, 3 of 7");
}

TEST_CASE("a turn that is not under load is told by its state, and by its round where there are several") {
  CHECK(describe(TurnState::probing) == "probing");
  CHECK(describe(TurnState::warm_up) == "warming up");
  CHECK(describe(TurnState::starting, 1, 5) == "starting, round 2 of 5");
}

TEST_CASE("a turn that is measured tells time, clients, rate and latency") {
  auto live = sample();
  const auto now = live.totals.phase_began + 34'800ms;
  CHECK(describe(live, 1, now) == "measuring 34 of 60 s, 10000 clients, 9981 msg/s, p99 1.9 ms");
  live.round = 1;
  CHECK(describe(live, 5, now) ==
        "measuring 34 of 60 s, round 2 of 5, 10000 clients, 9981 msg/s, p99 1.9 ms");
  live.totals.open = 9500;
  live.measuring = 2500ms;
  CHECK(describe(live, 1, now) == "measuring 2 of 2.5 s, 9500 of 10000 clients, 9981 msg/s, p99 1.9 ms");
}

TEST_CASE("while clients connect there is neither rate nor latency to tell") {
  auto live = sample();
  live.totals.phase = event::Phase::ramp;
  live.totals.open = 4000;
  CHECK(describe(live, 1, live.totals.phase_began + 4s) == "connecting, 4000 of 10000 clients");
  live.totals.phase = event::Phase::drain;
  CHECK(describe(live, 1, live.totals.phase_began) == "awaiting the last echoes, 4000 of 10000 clients");
}

TEST_CASE("in the warm-up the latency is the last second's, for nothing has been measured yet") {
  auto live = sample();
  live.totals.phase = event::Phase::warm_up;
  live.totals.latency.clear();
  live.points.back().p99 = 777us;
  CHECK(describe(live, 1, live.totals.phase_began + 3s) ==
        "warming up 3 of 6 s, 10000 clients, 9981 msg/s, p99 777 us");
  live.points.clear();
  CHECK(describe(live, 1, live.totals.phase_began + 3s) == "warming up 3 of 6 s, 10000 clients");
}

TEST_CASE("a clock that is behind the phase's begin shows no negative time") {
  const auto live = sample();
  CHECK(describe(live, 1, live.totals.phase_began - 5s).starts_with("measuring 0 of 60 s"));
}

TEST_CASE("an ended turn tells what it measured, a failed one why") {
  auto round = completed_round("node-ws", 210us);
  CHECK(describe(round) == "completed: p50 105 us, p99 210 us, 100 of 100 clients, 0 of 1,000 messages lost");
  round.state = TurnState::failed;
  round.failure = results::Failure{results::FailureKind::died, "it ended under load", "", ""};
  CHECK(describe(round) == "died: it ended under load");
  RoundResult absent;
  absent.state = TurnState::not_installed;
  absent.package_hint = "node-ws";
  CHECK(describe(absent) == "not_installed: needs node-ws");
}
