#include "orchestrator/daemon/job_status.hpp"

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"

using namespace wsbench;
using namespace wsbench::daemon;
using wsbench::results::TurnState;

namespace {

Job job(std::uint64_t number, JobState state, std::int64_t ended = 0) {
  Job made;
  made.number = number;
  made.group = made.suite = "suite-" + std::to_string(number);
  made.state = state;
  made.ended = event::Time(std::chrono::nanoseconds{ended});
  return made;
}

}  // namespace

TEST_CASE("jobs are shown running, then queued in their order, then ended from the latest on") {
  const auto shown = merge({job(1, JobState::complete, 10), job(2, JobState::failed, 30),
                            job(3, JobState::queued), job(4, JobState::running), job(5, JobState::queued)},
                           {});
  std::vector<std::uint64_t> numbers;
  for (const auto& one : shown) numbers.push_back(one.number);
  CHECK(numbers == std::vector<std::uint64_t>{4, 3, 5, 2, 1});
}

TEST_CASE("what is known of a job's contestants stays when the queue changes") {
  control::state::JobStatus known;
  known.number = 1;
  known.contestants.emplace_back();
  known.contestants.back().name = "node-ws";
  known.contestants.back().state = TurnState::measuring;
  const auto shown = merge({job(1, JobState::running)}, {known});
  REQUIRE(shown.size() == 1);
  REQUIRE(shown[0].contestants.size() == 1);
  CHECK(shown[0].contestants[0].state == TurnState::measuring);
}

TEST_CASE("a job that has not begun shows the contestants of its config, the skipped ones as such") {
  const test::TempDir root;
  auto waiting = job(1, JobState::queued);
  waiting.config = R"({"host": "h", "servers": ["a", "b"], "rounds": 3})";
  waiting.skipped = {"b"};
  const auto shown = merge({waiting}, {read_status(waiting, root.path())});
  REQUIRE(shown[0].contestants.size() == 2);
  CHECK((shown[0].contestants[0].name == "a" && shown[0].contestants[0].state == TurnState::pending));
  CHECK((shown[0].contestants[1].name == "b" && shown[0].contestants[1].state == TurnState::skipped));
  CHECK(shown[0].contestants[0].rounds == 3);
  CHECK(shown[0].turns == 6);

  waiting.skipped.clear();
  CHECK(merge({waiting}, shown)[0].contestants[1].state == TurnState::pending);
}

TEST_CASE("in an ended job nothing waits or runs") {
  control::state::JobStatus known;
  known.number = 1;
  for (const auto state : {TurnState::completed, TurnState::stopping, TurnState::pending}) {
    known.contestants.emplace_back();
    known.contestants.back().state = state;
  }
  const auto shown = merge({job(1, JobState::failed, 5)}, {known});
  CHECK(shown[0].contestants[0].state == TurnState::completed);
  CHECK(shown[0].contestants[1].state == TurnState::cancelled);
  CHECK(shown[0].contestants[2].state == TurnState::cancelled);
}
