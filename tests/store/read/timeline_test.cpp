#include "store/read/timeline.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "store/fold/pairs.hpp"
#include "store/run/writer.hpp"
#include "tests/orchestrator/exports/recorder.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using namespace std::chrono_literals;
using event::Kind;
using event::Phase;
using store::Filter;
using store::Reading;
using test::kStart;
using test::Recorder;

namespace {

constexpr std::uint32_t kShards = 4;
constexpr std::uint32_t kClients = 8;  ///< dealt to the shards in turn
constexpr int kSeconds = 20;
constexpr std::size_t kBlock = 40;  ///< of 20 messages and their echoes

/// Two rounds: handshakes, then for 20 s a message from each client every 100 ms, its echo 3 ms later. Each
/// shard fills a block a second.
std::unique_ptr<store::Run> recorded(const std::filesystem::path& directory) {
  auto run = *store::Run::create(directory);
  const auto writer = *store::Writer::start(*run, "bun");
  for (std::uint32_t shard = 0; shard < kShards; ++shard) {
    Recorder recorder(*writer, static_cast<std::uint16_t>(shard), kBlock);
    for (std::uint16_t round = 0; round < 2; ++round) {
      const event::Duration begin = round * 1h;
      recorder.round(round);
      recorder.phase(Phase::ramp);
      for (std::uint32_t client = shard; client < kClients; client += kShards) {
        recorder.add(Kind::ws_init, begin + client * 1ms, client);
        recorder.add(Kind::ws_onopen, begin + client * 1ms + 500us, client);
      }
      recorder.phase(Phase::measuring);
      if (shard == 0) recorder.add(Kind::server, begin + 1s, 1, 0, 4096);
      for (int beat = 0; beat < 10 * kSeconds; ++beat) {
        for (std::uint32_t client = shard; client < kClients; client += kShards)
          recorder.send(begin + 1s + beat * 100ms + client * 1ms, 0ns, client,
                        static_cast<std::uint32_t>(beat));
        for (std::uint32_t client = shard; client < kClients; client += kShards)
          recorder.add(Kind::recv_message, begin + 1s + beat * 100ms + client * 1ms + 5ms, client,
                       static_cast<std::uint32_t>(beat));
      }
    }
    recorder.flush();
  }
  if (!writer->finish()) throw std::runtime_error("the run could not be written");
  return run;
}

struct Scanned {
  std::vector<event::Event> events;
  Reading reading;
};

Scanned scan(const store::Run& run, const Filter& filter) {
  Scanned scanned;
  const auto reading = store::scan_timeline(run, "bun", filter, [&](const store::Stretch& stretch) {
    for (const auto& placed : stretch.events) scanned.events.push_back((*placed.block)[placed.index]);
    return true;
  });
  REQUIRE(reading);
  scanned.reading = *reading;
  return scanned;
}

/// All events of the run, sorted at one go.
std::vector<event::Event> in_order(const store::Run& run) {
  std::vector<event::Event> events;
  REQUIRE(store::scan_blocks(run, "bun", {}, [&](const event::Block& block) {
    for (std::size_t i = 0; i < block.size(); ++i) events.push_back(block[i]);
    return true;
  }));
  std::stable_sort(events.begin(), events.end(),
                   [](const event::Event& a, const event::Event& b) { return a.time < b.time; });
  return events;
}

/// The pairs of the run by client and sequence, found with no regard to memory. Rounds do not overlap: a
/// later one takes the places of the one before.
std::vector<store::Pair> pairs_of(const store::Run& run, store::PairKind kind) {
  const bool of_messages = kind == store::PairKind::message;
  const Kind first = of_messages ? Kind::send_message : Kind::ws_init;
  const Kind second = of_messages ? Kind::recv_message : Kind::ws_onopen;
  std::map<std::pair<std::uint32_t, std::uint32_t>, store::Pair> begun;
  std::vector<store::Pair> pairs;
  for (const event::Event& event : in_order(run)) {
    const std::pair key(event.client, event.sequence);
    if (event.kind == first) {
      const event::Duration lag(static_cast<event::Duration::rep>(event.value));
      begun[key] = {event.time - lag, event.client, event.sequence, {}, lag};
    } else if (event.kind == second) {
      store::Pair pair = begun.at(key);
      pair.elapsed = event.time - pair.began;
      pairs.push_back(pair);
    }
  }
  return pairs;
}

constexpr std::uint8_t bit(Kind kind) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
}

}  // namespace

TEST_CASE("a timeline has every event once, in the order of time over shards, phases and rounds") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run");
  const auto all = scan(*run, {});
  const auto expected = in_order(*run);
  REQUIRE(all.events.size() == 2 * (2 * kClients + 1 + 2 * 10 * kSeconds * kClients));
  const auto same = [](const event::Event& a, const event::Event& b) {
    return std::tie(a.time, a.kind, a.client, a.sequence, a.value) ==
           std::tie(b.time, b.kind, b.client, b.sequence, b.value);
  };
  CHECK(std::equal(all.events.begin(), all.events.end(), expected.begin(), expected.end(), same));
  CHECK(all.reading.unpacked == all.reading.found);
}

TEST_CASE("a stretch of time is read from the blocks that overlap it, and from no others") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run");
  Filter filter;
  filter.where.round = 1;
  filter.where.from = kStart + 1h + 11s;
  filter.where.to = kStart + 1h + 13s;
  const auto some = scan(*run, filter);
  CHECK(some.events.size() == 2 * 20 * kClients);
  CHECK(std::all_of(some.events.begin(), some.events.end(), [&](const event::Event& event) {
    return event.time >= *filter.where.from && event.time < *filter.where.to;
  }));
  // Two blocks a shard, and one more of shard 0, whose blocks are shifted by its sample.
  CHECK(some.reading.unpacked == 2 * kShards + 1);
}

TEST_CASE("a client is read from its own shard's blocks once it was met") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run");
  const auto all = scan(*run, {});
  for (const std::uint32_t client : {0U, 6U}) {
    Filter filter;
    filter.where.round = 0;
    filter.client = client;
    const auto own = scan(*run, filter);
    CHECK(own.events.size() == 2 + 2 * 10 * kSeconds);
    CHECK(std::all_of(own.events.begin(), own.events.end(), [&](const event::Event& event) {
      return event.client == client && event.kind != Kind::server;
    }));
    // A ramp of one block and 20 blocks of its shard; of each other shard at most the ramp.
    CHECK(own.reading.unpacked <= 1 + kSeconds + 1 + (kShards - 1));
    CHECK(own.reading.unpacked < all.reading.unpacked / 6);
  }
  Filter nobody;
  nobody.client = kClients;
  CHECK(scan(*run, nobody).events.empty());
}

TEST_CASE("blocks without a wanted kind are not unpacked") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run");
  Filter filter;
  filter.kinds = bit(Kind::ws_onopen);
  const auto opened = scan(*run, filter);
  CHECK(opened.events.size() == 2 * kClients);
  CHECK(opened.reading.unpacked == 2 * kShards);

  filter.kinds = bit(Kind::server);
  CHECK(scan(*run, filter).events.size() == 2);
  CHECK(scan(*run, filter).reading.unpacked == 2);

  filter.kinds = bit(Kind::ws_onclose);
  CHECK(scan(*run, filter).events.empty());
  CHECK(scan(*run, filter).reading.unpacked == 0);
}

TEST_CASE("a visitor that has enough ends the scan early") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run");
  int visits = 0;
  const auto reading = store::scan_timeline(*run, "bun", {}, [&](const store::Stretch&) {
    ++visits;
    return false;
  });
  REQUIRE(reading);
  CHECK(visits == 1);
  CHECK(reading->unpacked <= 2 * kShards);
}

TEST_CASE("the beginning of the measuring phase is told, or of what there is") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run");
  CHECK(store::rounds_of(*run, "bun").value() == std::vector<std::uint16_t>{0, 1});
  CHECK(store::measuring_began(*run, "bun", 1).value() == kStart + 1h + 1s);
  CHECK_FALSE(store::measuring_began(*run, "bun", 2).value());
  REQUIRE(run->add_contestant("refused"));
  const auto writer = *store::Writer::start(*run, "refused");
  Recorder recorder(*writer);
  recorder.phase(Phase::ramp);
  recorder.add(Kind::ws_init, 5s, 0);
  recorder.flush();
  REQUIRE(writer->finish());
  CHECK(store::measuring_began(*run, "refused", 0).value() == kStart + 5s);
}

TEST_CASE("pairs come in the order of their completion, each as a search by client and number has it") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run");
  for (const auto kind : {store::PairKind::handshake, store::PairKind::message}) {
    std::vector<store::Pair> pairs, expected = pairs_of(*run, kind);
    REQUIRE(store::scan_pairs(*run, "bun", kind, [&](const store::PairStretch& stretch) {
      pairs.insert(pairs.end(), stretch.pairs.begin(), stretch.pairs.end());
      return true;
    }));
    CHECK(std::is_sorted(pairs.begin(), pairs.end(), [](const store::Pair& a, const store::Pair& b) {
      return a.began + a.elapsed < b.began + b.elapsed;
    }));
    const auto key = [](const store::Pair& pair) {
      return std::tuple(pair.began, pair.client, pair.sequence, pair.elapsed, pair.lag);
    };
    const auto by_key = [&](const store::Pair& a, const store::Pair& b) { return key(a) < key(b); };
    std::sort(pairs.begin(), pairs.end(), by_key);
    std::sort(expected.begin(), expected.end(), by_key);
    REQUIRE_FALSE(pairs.empty());
    CHECK(std::equal(pairs.begin(), pairs.end(), expected.begin(), expected.end(),
                     [&](const store::Pair& a, const store::Pair& b) { return key(a) == key(b); }));
  }
}
