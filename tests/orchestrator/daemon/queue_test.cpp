#include "orchestrator/daemon/queue.hpp"

#include <catch2/catch.hpp>

#include "tests/support/temp_dir.hpp"

using namespace wsbench;
using namespace wsbench::daemon;
using wsbench::test::TempDir;

namespace {

std::unique_ptr<Queue> open(const TempDir& directory) {
  auto queue = Queue::open(directory.path() / "queue");
  if (!queue) FAIL(queue.error().message);
  return std::move(*queue);
}

Job suite(const std::string& name) {
  Job job;
  job.suite = name;
  job.config = "{}";
  return job;
}

void set_state(Queue& queue, std::uint64_t number, JobState state) {
  REQUIRE(queue.change(number, [state](Job& job) { job.state = state; }));
}

std::vector<std::string> groups(const Queue& queue) {
  std::vector<std::string> names;
  for (const auto& job : queue.jobs()) names.push_back(job.group);
  return names;
}

}  // namespace

TEST_CASE("a queue keeps its jobs, whole, over the daemon's end") {
  const TempDir directory;
  {
    const auto queue = open(directory);
    auto job = suite("smoke");
    job.local = true;
    REQUIRE(queue->add(job));
    REQUIRE(queue->change(1, [](Job& kept) {
      kept.state = JobState::running;
      kept.run = "smoke-20261123T000000Z";
      kept.skipped = {"node-ws"};
      kept.note = "line\n\"quoted\"";
      kept.began = event::Time(std::chrono::nanoseconds{42});
    }));
  }
  const auto job = open(directory)->find(1);
  REQUIRE(job);
  CHECK(job->group == "smoke");
  CHECK(job->config == "{}");
  CHECK((job->local && job->state == JobState::running && job->run == "smoke-20261123T000000Z"));
  CHECK(job->skipped == std::set<std::string>{"node-ws"});
  CHECK(job->note == "line\n\"quoted\"");
  CHECK(job->began.time_since_epoch().count() == 42);
  CHECK(job->submitted > event::Time{});
}

TEST_CASE("what was running goes on before what waits, and that in its order") {
  const TempDir directory;
  const auto queue = open(directory);
  CHECK_FALSE(queue->next());
  for (const auto* name : {"a", "b", "c"}) REQUIRE(queue->add(suite(name)));
  CHECK(queue->next()->suite == "a");
  set_state(*queue, 2, JobState::running);
  CHECK(queue->next()->suite == "b");
  set_state(*queue, 2, JobState::complete);
  set_state(*queue, 1, JobState::cancelled);
  CHECK(queue->next()->suite == "c");
  set_state(*queue, 3, JobState::failed);
  CHECK_FALSE(queue->next());
}

TEST_CASE("suites of one name that wait together are told apart by their groups") {
  const TempDir directory;
  const auto queue = open(directory);
  for (int i = 0; i < 3; ++i) REQUIRE(queue->add(suite("smoke")));
  CHECK(groups(*queue) == std::vector<std::string>{"smoke", "smoke-2", "smoke-3"});
}

TEST_CASE(
    "a suite that has ended makes room for its next, which has its name; numbers are never used twice") {
  const TempDir directory;
  {
    const auto queue = open(directory);
    REQUIRE(queue->add(suite("smoke")));
    set_state(*queue, 1, JobState::complete);
    const auto added = queue->add(suite("smoke"));
    REQUIRE(added);
    CHECK((added->group == "smoke" && added->number == 2));
    set_state(*queue, 2, JobState::complete);
  }
  const auto queue = open(directory);
  CHECK(groups(*queue) == std::vector<std::string>{"smoke"});
  CHECK(queue->add(suite("other"))->number == 3);
}

TEST_CASE("of two suites of one name the one that ended last stays listed") {
  const TempDir directory;
  const auto queue = open(directory);
  REQUIRE(queue->add(suite("smoke")));
  REQUIRE(queue->add(suite("smoke")));
  set_state(*queue, 1, JobState::complete);
  CHECK(groups(*queue) == std::vector<std::string>{"smoke", "smoke-2"});
  set_state(*queue, 2, JobState::cancelled);
  CHECK(groups(*queue) == std::vector<std::string>{"smoke-2"});
  CHECK_FALSE(queue->find("smoke"));
}

TEST_CASE("a job that is not listed cannot be changed") {
  const TempDir directory;
  const auto queue = open(directory);
  const auto changed = queue->change(7, [](Job& job) { job.note = "x"; });
  REQUIRE(changed);
  CHECK_FALSE(*changed);
}

TEST_CASE("a job whose state this wsbench does not know is no reason to measure it again") {
  const TempDir directory;
  {
    const auto queue = open(directory);
    REQUIRE(queue->add(suite("smoke")));
  }
  {
    const auto ledger = store::Ledger::open(directory.path() / "queue");
    REQUIRE(ledger);
    auto job = *(*ledger)->list("job/");
    const auto state = job.at(0).second.find("queued");
    REQUIRE(state != std::string::npos);
    job[0].second.replace(state, 6, "paused");
    REQUIRE((*ledger)->write({{job[0].first, job[0].second}}));
  }
  const auto queue = Queue::open(directory.path() / "queue");
  REQUIRE_FALSE(queue);
  CHECK(queue.error().kind == store::Error::Kind::corruption);
}
