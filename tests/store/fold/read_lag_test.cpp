#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "store/fold/fold.hpp"
#include "store/run/writer.hpp"
#include "tests/store/temp_directory.hpp"

// What a fold makes of the load generator's own samples.

using namespace std::chrono_literals;
using namespace wsbench;
using event::Kind;
using event::Metric;
using event::Phase;
using event::ReadLag;
using event::Time;
using store::Statistics;

namespace {

const Time kBegin{1'795'000'000s};

struct Recorded {
  Phase phase;
  event::Event event;
  std::uint16_t shard = 0;
};

Recorded read_lag(Phase phase, ReadLag lag, std::uint32_t client = 0) {
  return {phase, {kBegin, lag.value(), client, lag.sequence(), Kind::read_lag}};
}

Recorded sample(Phase phase, std::uint32_t shard, event::Duration time, Metric metric, std::uint64_t value) {
  return {phase,
          {kBegin + time, value, shard, static_cast<std::uint32_t>(metric), Kind::instrument},
          static_cast<std::uint16_t>(shard)};
}

/// Folds the events, each in a block of its own.
Statistics fold(const std::vector<Recorded>& events, const store::FoldOptions& options = {}) {
  const store::TempDirectory temp;
  const auto run = *store::Run::create(temp.path());
  const auto writer = *store::Writer::start(*run, "go");
  std::uint32_t number = 0;
  for (const Recorded& recorded : events) {
    auto block = writer->acquire();
    REQUIRE(block);
    block->info = {0, recorded.phase, 0, recorded.shard, number++};
    block->append(recorded.event);
    writer->submit(std::move(block));
  }
  REQUIRE(writer->finish());
  return store::fold(*run, "go", 0, options).value();
}

}  // namespace

TEST_CASE("read lags are those of the measuring phase and its drain, and what of them is in latencies") {
  std::vector<Recorded> events;
  for (const Phase phase : {Phase::ramp, Phase::warm_up, Phase::closing})
    events.push_back(read_lag(phase, {1h, 0ns}));
  for (std::uint32_t i = 1; i <= 100; ++i) events.push_back(read_lag(Phase::measuring, {i * 1us, 500ns}, i));
  events.push_back(read_lag(Phase::drain, {1ms, 3ms}));
  const store::FoldOptions options{GENERATE(1U, 3U), GENERATE(as<std::size_t>(), 1, 256)};
  const Statistics folded = fold(events, options);
  CHECK(folded.events == 104);
  CHECK(folded.read_lag.count() == 101);
  CHECK(folded.read_lag.min() == 1us);
  CHECK(folded.read_lag.quantile(0.5) == 51us);
  CHECK(folded.read_lag.max() == 1ms);
  CHECK(folded.read_lag_in_latency.count() == 101);
  CHECK(folded.read_lag_in_latency.min() == -2ms);
  CHECK(folded.read_lag_in_latency.max() == 99'500ns);
  CHECK_FALSE(folded.wall_clock_stepped);
}

TEST_CASE("a step of the wall clock in the measuring phase or its drain leaves no read lag to be told") {
  const auto phase = GENERATE(Phase::ramp, Phase::warm_up, Phase::measuring, Phase::drain, Phase::closing);
  const Statistics folded =
      fold({read_lag(Phase::measuring, {1us, 0ns}),
            sample(phase, 1, 0s, Metric::wall_clock_step_nanoseconds, 11000),
            read_lag(Phase::measuring, {2us, 0ns}), read_lag(Phase::drain, {3us, 0ns})});
  const bool matters = phase == Phase::measuring || phase == Phase::drain;
  CHECK(folded.wall_clock_stepped == matters);
  CHECK(folded.read_lag.count() == (matters ? 0 : 3));
  CHECK(folded.read_lag_in_latency.count() == (matters ? 0 : 3));
  CHECK(folded.read_lag.quantile(0.99).has_value() != matters);
}

TEST_CASE("an instrument that sampled nothing has no read lags, and no step") {
  const Statistics folded = fold({{Phase::measuring, {kBegin, 0, 0, 0, Kind::send_message}}});
  CHECK(folded.sent == 1);
  CHECK(folded.read_lag.empty());
  CHECK(folded.read_lag_in_latency.empty());
  CHECK_FALSE(folded.wall_clock_stepped);
  CHECK(folded.instrument.empty());
}

TEST_CASE("samples do not tell when a phase began: the shards take some before their first message") {
  const Statistics folded = fold({
      sample(Phase::measuring, 0, 0s, Metric::cpu_nanoseconds, 10),
      read_lag(Phase::measuring, {1us, 0ns}),
      {Phase::measuring, {kBegin + 1s, 0, 0, 0, Kind::send_message}},
      sample(Phase::drain, 0, 2s, Metric::cpu_nanoseconds, 11),
      {Phase::drain, {kBegin + 3s, 0, 0, 0, Kind::recv_message}},
  });
  REQUIRE(folded.window);
  CHECK(folded.window->began == kBegin + 1s);
  CHECK(folded.window->ended == kBegin + 3s);
}

TEST_CASE("the instrument's samples come by time and shard, with their metrics together") {
  const Statistics folded = fold({
      sample(Phase::measuring, 1, 2s, Metric::cpu_nanoseconds, 10),
      sample(Phase::measuring, 1, 2s, Metric::run_queue_wait_nanoseconds, 11),
      sample(Phase::measuring, 0, 1s, Metric::cpu_nanoseconds, 20),
      sample(Phase::measuring, 0, 1s, Metric::run_queue_wait_nanoseconds, 21),
      sample(Phase::measuring, 0, 2s, Metric::cpu_nanoseconds, 22),
      {Phase::measuring,
       {kBegin + 3s, 30, event::kNobody, static_cast<std::uint32_t>(Metric::machine_steal_nanoseconds),
        Kind::instrument},
       0xFFFE},
  });
  const auto& samples = folded.instrument;
  REQUIRE(samples.size() == 4);
  CHECK(samples[0].time == kBegin + 1s);
  CHECK(samples[0].shard == 0);
  CHECK(samples[0].values.at(Metric::cpu_nanoseconds) == 20);
  CHECK(samples[0].values.at(Metric::run_queue_wait_nanoseconds) == 21);
  CHECK(samples[1].shard + samples[2].shard == 1);
  CHECK(samples[1].time == kBegin + 2s);
  CHECK(samples[2].time == kBegin + 2s);
  CHECK(samples[3].shard == event::kNobody);
  CHECK(samples[3].values.at(Metric::machine_steal_nanoseconds) == 30);
  CHECK(folded.samples.empty());  // Those are the server's.
}
