#include "client/load/self_sampler.hpp"

#include <map>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/client/collecting_sink.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::parse_schedstat;
using client::Recorder;
using client::SelfSampler;
using client::WallClockWatch;
using client::testing::CollectingSink;
using event::Kind;
using event::Metric;
using event::Time;

TEST_CASE("schedstat tells the time on a CPU and the wait for one") {
  const auto use = parse_schedstat("2035149 53 5\n");
  REQUIRE(use);
  CHECK(use->cpu == 2035149ns);
  CHECK(use->run_queue_wait == 53ns);
  for (const char* other : {"", "\n", "17", "17 ", "cpu 1 2", "1,2 3", "99999999999999999999 1 2"})
    CHECK_FALSE(parse_schedstat(other));
}

TEST_CASE("a step of the wall clock is noticed once, forward and back, and anything less is none") {
  WallClockWatch watch;
  CHECK(watch.look(1h) == 0ns);
  CHECK(watch.look(1h + 10us) == 0ns);
  CHECK(watch.look(1h - 10us) == 0ns);
  CHECK(watch.look(std::nullopt) == 0ns);
  CHECK(watch.look(1h + 11us) == 11us);
  CHECK(watch.look(1h + 11us) == 0ns);
  CHECK(watch.look(59min) == -1min - 11us);
  CHECK(watch.look(std::nullopt) == 0ns);
  CHECK(watch.look(59min) == 0ns);
}

TEST_CASE("small moves of the wall clock that add up to a step are one") {
  WallClockWatch watch;
  CHECK(watch.look(0us) == 0us);
  CHECK(watch.look(9us) == 0us);
  CHECK(watch.look(18us) == 18us);
}

TEST_CASE("the clocks of this machine are read closely enough to notice a step") {
  WallClockWatch watch;
  int told = 0;
  for (int i = 0; i < 100; ++i) {
    const auto ahead = WallClockWatch::ahead();
    told += ahead.has_value();
    CHECK(watch.look(ahead) == 0ns);
  }
  CHECK(told > 50);
}

TEST_CASE("a thread's samples are its own, of its shard, and grow") {
  CollectingSink sink;
  std::thread([&] {
    Recorder recorder(sink, 0, 3);
    recorder.enter(event::Phase::measuring);
    SelfSampler sampler(recorder, 3);
    sampler.sample();  // Not yet.
    sampler.begin();
    const Time began = event::Clock::now();
    while (event::Clock::now() < began + 20ms) continue;
    sampler.sample();
    sampler.sample_each_second(event::Clock::now());  // A second has not passed.
    sampler.sample_each_second(event::Clock::now() + 2s);
  }).join();
  std::map<Metric, std::vector<std::uint64_t>> values;
  for (const auto& [info, sample] : sink.of(Kind::instrument)) {
    CHECK(info.shard == 3);
    CHECK(sample.client == 3);
    values[static_cast<Metric>(sample.sequence)].push_back(sample.value);
  }
  if (values.empty()) {
    WARN("this kernel tells nothing of its run queues");
    return;
  }
  const auto& cpu = values[Metric::cpu_nanoseconds];
  const auto& waited = values[Metric::run_queue_wait_nanoseconds];
  REQUIRE(cpu.size() == 3);
  REQUIRE(waited.size() == 3);
  // It wanted the CPU for all of the 20 ms. Some of it the hypervisor may have kept.
  CHECK(cpu[1] + waited[1] > cpu[0] + waited[0] + 1'000'000);
  CHECK(cpu[2] >= cpu[1]);
  CHECK(waited[1] >= waited[0]);
  CHECK(sink.all().size() == 6);  // No step of the wall clock.
}
