#include "client/load/coordinator.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using wsbench::client::Coordinator;
using wsbench::client::Plan;
using wsbench::client::Stage;
using wsbench::event::Clock;
using wsbench::event::Time;

namespace {

struct Announcements {
  std::vector<std::pair<Stage, Time>> made;
  Coordinator::Announce announce() {
    return [this](Stage stage, Time at) { made.emplace_back(stage, at); };
  }
  Stage last() const { return made.back().first; }
};

Plan plan_with_warm_up(std::chrono::nanoseconds warm_up) {
  Plan plan;
  plan.warm_up = warm_up;
  plan.measuring = 0s;
  return plan;
}

}  // namespace

TEST_CASE("a stage begins when the last shard has finished the one before, at one time for all") {
  const Plan plan = plan_with_warm_up(1s);
  Announcements announcements;
  Coordinator coordinator(plan, 2, announcements.announce());
  coordinator.begin();
  coordinator.finished(Stage::ramp, 5);
  CHECK(announcements.made.size() == 1);
  const Time before = Clock::now();
  coordinator.finished(Stage::ramp, 0);
  REQUIRE(announcements.made.size() == 2);
  CHECK(announcements.last() == Stage::warm_up);
  CHECK(announcements.made.back().second > before);
  for (const Stage stage : {Stage::warm_up, Stage::measuring, Stage::closing}) {
    CHECK_FALSE(coordinator.done());
    coordinator.finished(stage, 3);
    coordinator.finished(stage, 3);
  }
  CHECK(coordinator.done());
  CHECK(coordinator.wait_for(0s));
}

TEST_CASE("without warm-up the ramp is followed by measuring") {
  const Plan plan = plan_with_warm_up(0s);
  Announcements announcements;
  Coordinator coordinator(plan, 1, announcements.announce());
  coordinator.begin();
  coordinator.finished(Stage::ramp, 1);
  CHECK(announcements.last() == Stage::measuring);
  CHECK(coordinator.times().measuring_ends == announcements.made.back().second);
}

TEST_CASE("a load without open clients is closed and has stopped early") {
  const Plan plan = plan_with_warm_up(1s);
  const Stage stage = GENERATE(Stage::ramp, Stage::warm_up);
  Announcements announcements;
  Coordinator coordinator(plan, 1, announcements.announce());
  coordinator.begin();
  if (stage == Stage::warm_up) coordinator.finished(Stage::ramp, 1);
  coordinator.finished(stage, 0);
  CHECK(announcements.last() == Stage::closing);
  CHECK(coordinator.stopped_early());
}

TEST_CASE("stop closes at once, and what shards tell of the stage before does not count") {
  const Plan plan = plan_with_warm_up(1s);
  Announcements announcements;
  Coordinator coordinator(plan, 2, announcements.announce());
  coordinator.begin();
  coordinator.finished(Stage::ramp, 1);
  coordinator.stop();
  coordinator.stop();
  CHECK(announcements.made.size() == 2);
  CHECK(announcements.last() == Stage::closing);
  coordinator.finished(Stage::ramp, 1);
  coordinator.finished(Stage::closing, 0);
  CHECK_FALSE(coordinator.done());
  coordinator.finished(Stage::closing, 0);
  CHECK(coordinator.done());
  CHECK(coordinator.stopped_early());
}
