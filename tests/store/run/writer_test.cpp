#include "store/run/writer.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "store/read/reader.hpp"
#include "tests/store/run/child_process.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using namespace wsbench::store;

namespace {

void fill(event::Block& block, std::uint16_t shard, std::uint32_t number) {
  block.info = {0, event::Phase::measuring, 0, shard, number};
  const std::size_t events = 1 + (number * 997U) % event::Block::kCapacity;
  for (std::size_t i = 0; i < events; ++i)
    block.append({event::Time(std::chrono::seconds{number} + std::chrono::nanoseconds{i}), number, shard,
                  static_cast<std::uint32_t>(i), event::Kind::send_message});
}

}  // namespace

TEST_CASE("a writer under several producers loses nothing and counts what it refused") {
  constexpr std::uint32_t kBlocks = 60;
  constexpr std::uint16_t kShards = 4;
  const TempDirectory temp;
  const auto run = Run::create(temp.path());
  REQUIRE(run);
  auto writer = Writer::start(**run, "go", 5);
  REQUIRE(writer);
  std::atomic<std::uint64_t> refused{0}, events{0};
  std::vector<std::thread> producers;
  for (std::uint16_t shard = 0; shard < kShards; ++shard)
    producers.emplace_back([&, shard] {
      for (std::uint32_t number = 0; number < kBlocks;) {
        auto block = (*writer)->acquire();
        if (block == nullptr) {
          ++refused;
          std::this_thread::yield();
          continue;
        }
        fill(*block, shard, number++);
        events += block->size();
        (*writer)->submit(std::move(block));
      }
    });
  for (auto& producer : producers) producer.join();
  CHECK_FALSE((*writer)->failed());
  const auto summary = (*writer)->finish();
  REQUIRE(summary);
  CHECK(summary->blocks == kBlocks * kShards);
  CHECK(summary->events == events);
  CHECK(summary->blocks_refused == refused);

  std::map<std::pair<std::uint16_t, std::uint32_t>, int> seen;
  std::uint64_t stored = 0;
  event::Block wanted;
  REQUIRE(scan_blocks(**run, "go", {}, [&](const event::Block& block) {
    ++seen[{block.info.shard, block.info.number}];
    stored += block.size();
    wanted.clear();
    fill(wanted, block.info.shard, block.info.number);
    CHECK(block.times() == wanted.times());
    CHECK(block.clients() == wanted.clients());
    CHECK(block.values() == wanted.values());
    return true;
  }));
  CHECK(seen.size() == kBlocks * kShards);
  CHECK(stored == events);
}

TEST_CASE("a writer refuses the block beyond its pool, and gives written blocks again, empty") {
  const TempDirectory temp;
  const auto run = Run::create(temp.path());
  REQUIRE(run);
  auto writer = Writer::start(**run, "go", 2);
  REQUIRE(writer);
  auto first = (*writer)->acquire();
  auto second = (*writer)->acquire();
  REQUIRE((first != nullptr && second != nullptr));
  CHECK((*writer)->acquire() == nullptr);
  CHECK((*writer)->acquire() == nullptr);
  fill(*first, 0, 0);
  (*writer)->submit(std::move(first));
  std::unique_ptr<event::Block> again;
  std::uint64_t refused = 2;
  for (; (again = (*writer)->acquire()) == nullptr; ++refused) std::this_thread::yield();
  CHECK(again->empty());
  const auto summary = (*writer)->finish();
  REQUIRE(summary);
  CHECK(summary->blocks == 1);
  CHECK(summary->blocks_refused == refused);
  CHECK((*writer)->finish()->blocks == 1);
  CHECK((*writer)->acquire() == nullptr);
}

TEST_CASE("a full disk is told while writing and at the end") {
  const TempDirectory temp;
  ChildProcess child({WSBENCH_WRITING_CHILD, "fill", temp / "run"});
  CHECK(child.wait() == 0);
}

TEST_CASE("a writer on a run that is read only cannot start") {
  const TempDirectory temp;
  REQUIRE(Run::create(temp.path()));
  const auto run = Run::open(temp.path(), Run::Access::read_only);
  REQUIRE(run);
  CHECK_FALSE(Writer::start(**run, "go"));
}
