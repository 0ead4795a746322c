#include "orchestrator/control/state/board.hpp"

#include <catch2/catch.hpp>

#include "tests/orchestrator/results/results.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using namespace wsbench::control::state;
using namespace wsbench::results;
using namespace wsbench::suite;
using wsbench::test::completed_round;

namespace {

/// A suite of two contestants on a board whose clock is ours.
struct Fixture {
  event::Time time{event::Duration(1'000'000'000'000)};
  Board board{{"1.0", "runs", false, [this] { return time; }}};
  Turn first{0, "a"}, second{0, "b"};
  client::Plan plan;
  Manifest manifest;

  Fixture() {
    plan.clients = 10;
    plan.measuring = 60s;
    manifest.turns = {first, second};
    manifest.load = "a load";
    board.update([](Status& status) {
      JobStatus job;
      job.number = 7;
      job.group = "smoke";
      job.state = JobState::running;
      status.jobs.push_back(job);
    });
    board.begin_job(7);
  }

  TurnView view(const Turn& turn, TurnState state) { return {0, 2, turn, state, plan, 0ns, 0ns, 90s}; }
  SuiteResult so_far() {
    SuiteResult suite;
    suite.manifest = manifest;
    suite.contestants = {{"a", "", "", "", {}}, {"b", "", "", "", {}}};
    return suite;
  }
  client::Snapshot snapshot(std::uint64_t messages) {
    client::Snapshot s;
    s.phase = event::Phase::measuring;
    s.phase_began = time;
    s.open = 10;
    s.sent = s.received = s.measured_sent = s.measured_received = messages;
    for (std::uint64_t i = 0; i < messages; ++i) s.latency.record(1ms);
    return s;
  }
  const ContestantStatus& contestant(const Status& status, const char* name) {
    return *find_contestant(status.jobs.at(0), name);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a suite's contestants are listed when it begins, with their places") {
  board.began(manifest, so_far());
  const auto status = board.status();
  CHECK(status->jobs.at(0).turns == 2);
  CHECK(status->jobs.at(0).load == "a load");
  CHECK(contestant(*status, "b").description == "waiting, 2 of 2");
}

TEST_CASE_METHOD(Fixture, "a resumed suite shows what has ended, and takes the cancelled afresh") {
  auto results = so_far();
  results.contestants[0].rounds = {completed_round("a", 2ms)};
  results.contestants[1].rounds = {completed_round("b", 2ms)};
  results.contestants[1].rounds[0].state = TurnState::cancelled;
  board.began(manifest, results);
  const auto status = board.status();
  CHECK(contestant(*status, "a").state == TurnState::completed);
  CHECK(contestant(*status, "b").state == TurnState::pending);
  CHECK(status->jobs.at(0).turns_done == 1);
}

TEST_CASE_METHOD(Fixture, "under load a point is made once a second, of that second alone") {
  board.began(manifest, so_far());
  board.entered(view(first, TurnState::warm_up));
  board.entered(view(first, TurnState::measuring));
  time += 300ms;
  board.progressed(view(first, TurnState::measuring), snapshot(3));
  CHECK(board.status()->live->points.empty());

  time += 700ms;
  auto slow = snapshot(10);
  board.progressed(view(first, TurnState::measuring), slow);
  for (int i = 0; i < 20; ++i) slow.latency.record(5ms);
  slow.sent = slow.received = 30;
  time += 1s;
  board.progressed(view(first, TurnState::measuring), slow);
  const auto status = board.status();
  REQUIRE(status->live);
  REQUIRE(status->live->points.size() == 2);
  const auto& points = status->live->points;
  CHECK((points[0].at == 1s && points[1].at == 2s));
  CHECK((points[0].received_rate == Approx(10) && points[1].received_rate == Approx(20)));
  CHECK(points[0].p50->count() == Approx(1e6).epsilon(0.001));
  // Of the second's own messages none took less than 5 ms.
  CHECK(points[1].p50->count() == Approx(5e6).epsilon(0.001));
  CHECK(status->messages_received == 30);
  CHECK(contestant(*status, "a").description.find("msg/s") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "a process's share of CPU is that between two samples") {
  board.began(manifest, so_far());
  board.entered(view(first, TurnState::warm_up));
  board.sampled(view(first, TurnState::warm_up), {time, 4711, 1000, 10, 1s});
  board.sampled(view(first, TurnState::warm_up), {time + 2s, 4711, 2000, 11, 2s});
  time += 1s;
  board.progressed(view(first, TurnState::measuring), snapshot(1));
  const auto status = board.status();
  const auto& point = status->live->points.at(0);
  CHECK(*point.cpu_share == Approx(0.5));
  CHECK((point.rss_bytes == 2000 && point.connections == 11));
  CHECK(contestant(*status, "a").pid == 4711);
  CHECK(status->live->cpu_seconds == Approx(2));
}

TEST_CASE_METHOD(Fixture, "a turn's end keeps its result, counts it, and takes the load away") {
  board.began(manifest, so_far());
  board.entered(view(first, TurnState::warm_up));
  board.progressed(view(first, TurnState::measuring), snapshot(5));
  board.entered(view(first, TurnState::stopping));
  CHECK(board.status()->live == nullptr);
  board.ended(view(first, TurnState::completed), completed_round("a", 2ms));
  const auto status = board.status();
  const auto& one = contestant(*status, "a");
  CHECK((one.state == TurnState::completed && one.pid == 0 && one.result != nullptr));
  CHECK(one.description == "completed: p50 1 ms, p99 2 ms, 100 of 100 clients, 0 of 1,000 messages lost");
  CHECK(status->turns.completed == 1);
  CHECK(status->jobs.at(0).turns_done == 1);
  // Told between two points, and not lost.
  CHECK(status->messages_sent == 5);
}

TEST_CASE_METHOD(Fixture, "progress is a revision, and a change of state one of the structure as well") {
  board.began(manifest, so_far());
  board.entered(view(first, TurnState::warm_up));
  const auto before = board.status();
  time += 1s;
  board.progressed(view(first, TurnState::measuring), snapshot(5));
  const auto progressed = board.status();
  CHECK(progressed->revision > before->revision);
  CHECK(progressed->structure == before->structure);
  board.entered(view(first, TurnState::stopping));
  CHECK(board.status()->structure > progressed->structure);
  // A status that was given out does not change.
  CHECK(before->live->points.empty());
}
