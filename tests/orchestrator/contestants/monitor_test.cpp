#include "orchestrator/contestants/monitor.hpp"

#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/client/collecting_sink.hpp"
#include "tests/orchestrator/contestants/fake_plug_in.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::testing::CollectingSink;
using contestants::Monitor;
using event::Metric;
using event::Phase;

namespace {

using Values = std::map<Metric, std::uint64_t>;

struct Fixture {
  test::FakePlugIn plug_in;
  CollectingSink sink;
  Monitor monitor{plug_in.supervisor, "good", 2, sink};

  /// Whether each of the calls asked for the PSS.
  std::vector<bool> asked_for_pss() const {
    std::vector<bool> asked;
    for (const auto& call : plug_in.calls) asked.push_back(*call.params.at(1).get_if<bool>());
    return asked;
  }

  /// What was recorded, by metric; a metric that was recorded twice fails the test.
  Values recorded() const {
    Values values;
    for (const auto& [info, event] : sink.of(event::Kind::server))
      REQUIRE(values.emplace(static_cast<Metric>(event.client), event.value).second);
    return values;
  }
};

/// What the plug-in of version 1.0 tells when it is not asked for the PSS.
rpc::Struct answer_of_1_0() {
  return {{"pid", 4711},     {"processes", 2}, {"threads", 9},        {"files", 30},
          {"rss_kib", 2048}, {"pss_kib", 0},   {"cpu_seconds", 1.25}, {"connections", 20}};
}

rpc::Struct answer_of_1_1() {
  auto answer = answer_of_1_0();
  answer.insert_or_assign("pss_kib", 1024);
  answer.insert_or_assign("pss_read_seconds", 0.0);
  answer.insert_or_assign("run_queue_wait_seconds", 0.000012345);
  answer.insert_or_assign("machine_cpus", 64);
  answer.insert_or_assign("machine_cpu_seconds", 400'000'000.25);
  answer.insert_or_assign("machine_steal_seconds", 0.0);
  return answer;
}

const Values kOf10{
    {Metric::pid, 4711},      {Metric::processes, 2},           {Metric::threads, 9},
    {Metric::files, 30},      {Metric::rss_bytes, 2048 * 1024}, {Metric::cpu_nanoseconds, 1'250'000'000},
    {Metric::connections, 20}};

}  // namespace

TEST_CASE("a sample is recorded as an event for each metric, in the metric's unit") {
  Fixture f;
  f.plug_in.answer = answer_of_1_1();
  const auto before = event::Clock::now();
  const auto sample = f.monitor.sample(Phase::warm_up);
  REQUIRE(sample);
  CHECK(sample->time >= before);
  CHECK(sample->pid == 4711);
  CHECK(sample->rss_bytes == 2048U * 1024U);
  CHECK(sample->cpu == 1250ms);
  CHECK(sample->connections == 20U);

  auto values = kOf10;
  values.insert({{Metric::pss_bytes, 1024 * 1024},
                 {Metric::run_queue_wait_nanoseconds, 12'345},
                 {Metric::machine_cpu_nanoseconds, 400'000'000'250'000'000},
                 {Metric::machine_steal_nanoseconds, 0}});
  CHECK(f.recorded() == values);
  for (const auto& [info, event] : f.sink.all()) {
    CHECK(event.time == sample->time);
    CHECK((info.round == 2 && info.phase == Phase::warm_up && info.shard == Monitor::kShard));
  }
}

TEST_CASE("what a plug-in does not tell is absent, not 0") {
  Fixture f;
  f.plug_in.answer = answer_of_1_0();
  REQUIRE(f.monitor.sample(Phase::measuring));
  CHECK(f.recorded() == kOf10);
}

TEST_CASE("what a plug-in tells wrongly, or cannot tell, is absent") {
  Fixture f;
  f.plug_in.answer = {{"pid", 4711},
                      {"connections", -1},
                      {"threads", "many"},
                      {"machine_cpu_seconds", 1e300},
                      {"of_a_later_version", 7}};
  const auto sample = f.monitor.sample(Phase::measuring);
  REQUIRE(sample);
  CHECK_FALSE(sample->connections);
  CHECK(f.recorded() == Values{{Metric::pid, 4711}});
}

TEST_CASE("the PSS is read in the first sample of a phase, and then as often as its cost allows") {
  Fixture f;
  f.plug_in.answer = answer_of_1_1();
  const auto sample = [&](Phase phase, double cost) {
    f.plug_in.answer.insert_or_assign("pss_read_seconds", cost);
    REQUIRE(f.monitor.sample(phase));
  };
  sample(Phase::ramp, 0);  // costs nothing: it may be read again at once
  sample(Phase::ramp, 20);
  sample(Phase::ramp, 20);
  sample(Phase::measuring, 20);
  sample(Phase::measuring, 20);
  CHECK(f.asked_for_pss() == std::vector<bool>{true, true, false, true, false});
}

TEST_CASE("a plug-in that does not tell what reading the PSS costs is asked for it once a phase") {
  Fixture f;
  f.plug_in.answer = answer_of_1_0();
  for (const auto phase : {Phase::ramp, Phase::ramp, Phase::measuring, Phase::measuring})
    REQUIRE(f.monitor.sample(phase));
  CHECK(f.asked_for_pss() == std::vector<bool>{true, false, true, false});
}
