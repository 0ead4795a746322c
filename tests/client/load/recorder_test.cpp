#include "client/load/recorder.hpp"

#include <chrono>

#include <catch2/catch.hpp>

#include "tests/client/collecting_sink.hpp"

using namespace std::chrono_literals;
using namespace wsbench::event;
using wsbench::client::Recorder;
using wsbench::client::testing::CollectingSink;

namespace {

const Time kNow{1000s};

Event at(Time time) {
  return {time, 0, 0, 0, Kind::send_message};
}

}  // namespace

TEST_CASE("blocks are submitted when full, and carry round, phase, shard and a number that counts up") {
  CollectingSink sink;
  Recorder recorder(sink, 3, 2);
  recorder.enter(Phase::warm_up);
  for (std::size_t i = 0; i < 2 * Block::kCapacity; ++i) recorder.record(at(kNow));
  const auto infos = sink.infos();
  REQUIRE(infos.size() == 2);
  CHECK(infos[0].round == 3);
  CHECK(infos[0].shard == 2);
  CHECK(infos[0].phase == Phase::warm_up);
  CHECK(infos[0].number == 0);
  CHECK(infos[1].number == 1);
}

TEST_CASE("a block holds events of one phase") {
  CollectingSink sink;
  {
    Recorder recorder(sink, 0, 0);
    recorder.enter(Phase::ramp);
    recorder.record(at(kNow));
    recorder.enter(Phase::measuring);
    recorder.enter(Phase::drain);
    recorder.record(at(kNow));
  }
  const auto infos = sink.infos();
  REQUIRE(infos.size() == 2);
  CHECK(infos[0].phase == Phase::ramp);
  CHECK(infos[1].phase == Phase::drain);
  CHECK_FALSE(sink.empty_block_seen());
}

TEST_CASE("a block goes when its first event is a second old, not before") {
  CollectingSink sink;
  Recorder recorder(sink, 0, 0);
  recorder.record(at(kNow));
  recorder.record(at(kNow + 900ms));
  recorder.flush_old(kNow + 999ms);
  CHECK(sink.infos().empty());
  recorder.flush_old(kNow + 1s);
  CHECK(sink.all().size() == 2);
}

TEST_CASE("samples have blocks of their own, which carry and go as the others do") {
  CollectingSink sink;
  Recorder recorder(sink, 3, 2);
  recorder.enter(Phase::measuring);
  recorder.record(at(kNow));
  recorder.record_sample({kNow, 1, 0, 0, Kind::read_lag});
  recorder.record(at(kNow + 1ms));
  recorder.flush_old(kNow + 1s);
  recorder.record_sample({kNow + 2s, 2, 0, 0, Kind::read_lag});
  recorder.enter(Phase::drain);
  const auto infos = sink.infos();
  REQUIRE(infos.size() == 3);
  for (std::uint32_t i = 0; i < infos.size(); ++i) {
    CHECK(infos[i].round == 3);
    CHECK(infos[i].shard == 2);
    CHECK(infos[i].phase == Phase::measuring);
    CHECK(infos[i].number == i);
  }
  CHECK(sink.of(Kind::send_message)[1].info.number == 0);
  CHECK(sink.of(Kind::read_lag)[0].info.number == 1);
  CHECK(sink.of(Kind::read_lag)[1].info.number == 2);
}

TEST_CASE("events without a block are counted, and the sink is asked again after two milliseconds") {
  CollectingSink sink(1);
  Recorder recorder(sink, 0, 0);
  recorder.record(at(kNow));
  recorder.submit();
  recorder.record(at(kNow));
  CHECK(recorder.lost() == 1);
  sink.allow(1);
  recorder.record(at(kNow + 1ms));
  CHECK(recorder.lost() == 2);
  recorder.record(at(kNow + 2ms));
  recorder.submit();
  CHECK(recorder.lost() == 2);
  CHECK(sink.all().size() == 2);
}
