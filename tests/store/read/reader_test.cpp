#include "store/read/reader.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>
#include <rocksdb/db.h>

#include "store/run/keys.hpp"
#include "store/run/runs.hpp"
#include "store/read/timeline.hpp"
#include "store/run/writer.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using namespace wsbench::store;
using event::Phase;
using event::Time;

namespace {

Time at(std::int64_t milliseconds) {
  return Time(std::chrono::milliseconds{milliseconds});
}

/// Time, client, round, phase, shard: enough to tell events apart.
using Row = std::tuple<Time, std::uint32_t, std::uint16_t, Phase, std::uint16_t>;

struct BlockTimes {
  event::BlockInfo info;
  Time earliest, latest;
};

/// A run of two rounds, three phases, two shards and the server's, whose blocks are small and overlap, and
/// whose events step back in time now and then; and what is in it.
class Stored {
 public:
  Stored() {
    run = *Run::create(temp_.path());
    auto writer = *Writer::start(*run, "go");
    for (const std::uint16_t round : {std::uint16_t{0}, std::uint16_t{1}})
      for (const Phase phase : {Phase::warm_up, Phase::measuring, Phase::drain})
        for (const std::uint16_t shard : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{0xFFFF}})
          write(*writer, round, phase, shard);
    REQUIRE(writer->finish());
  }

  std::unique_ptr<Run> run;
  std::vector<Row> rows;
  std::vector<BlockTimes> blocks;

 private:
  void write(Writer& writer, std::uint16_t round, Phase phase, std::uint16_t shard) {
    // Phases overlap: another shard's may begin before this one's has ended.
    std::int64_t time = 10'000 * round + 1000 * static_cast<int>(phase) - shard % 7 * 200;
    for (std::uint32_t number = 0; number < 4; ++number) {
      auto block = writer.acquire();
      block->info = {round, phase, 0, shard, number};
      for (int i = 0; i < 50; ++i) {
        time += static_cast<std::int64_t>(random_() % 12) - 1;
        block->append({at(time), 0, client_, 0, event::Kind::ws_init});
        rows.emplace_back(at(time), client_++, round, phase, shard);
      }
      const auto [low, high] = std::minmax_element(block->times().begin(), block->times().end());
      blocks.push_back({block->info, *low, *high});
      writer.submit(std::move(block));
      time += 3;  // so that blocks of a shard come in the order of their earliest times
    }
  }

  TempDirectory temp_;
  std::mt19937_64 random_{3};
  std::uint32_t client_ = 0;
};

bool covers(const Selection& selection, std::uint16_t round, Phase phase) {
  return (!selection.round || *selection.round == round) && (!selection.phase || *selection.phase == phase);
}

Selection any_selection() {
  Selection selection;
  selection.round = GENERATE(as<std::optional<std::uint16_t>>{}, std::nullopt, 0, 1, 2);
  selection.phase = GENERATE(as<std::optional<Phase>>{}, std::nullopt, Phase::warm_up, Phase::measuring);
  selection.from = GENERATE(as<std::optional<Time>>{}, std::nullopt, at(2900), at(13'100));
  selection.to = GENERATE(as<std::optional<Time>>{}, std::nullopt, at(3150), at(13'200));
  return selection;
}

/// Lets `change` at the packed value of the only block of contestant go, behind the run's back.
void change_block(const std::filesystem::path& directory,
                  void (*change)(std::string& key, std::string& value)) {
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  REQUIRE(rocksdb::DB::Open({}, (directory / kDatabase).native(),
                            {{rocksdb::kDefaultColumnFamilyName, {}}, {keys::family("go"), {}}}, &handles,
                            &raw)
              .ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  std::string key, value;
  {
    const std::unique_ptr<rocksdb::Iterator> scan(db->NewIterator({}, handles[1]));
    scan->SeekToFirst();
    REQUIRE(scan->Valid());
    key = scan->key().ToString();
    value = scan->value().ToString();
  }
  REQUIRE(db->Delete({}, handles[1], key).ok());
  change(key, value);
  REQUIRE(db->Put({}, handles[1], key, value).ok());
  for (auto* handle : handles) REQUIRE(db->DestroyColumnFamilyHandle(handle).ok());
  REQUIRE(db->Close().ok());
}

Error error_after(void (*change)(std::string& key, std::string& value)) {
  const TempDirectory temp;
  {
    auto run = *Run::create(temp.path());
    auto writer = *Writer::start(*run, "go");
    auto block = writer->acquire();
    block->info = {0, Phase::measuring, 0, 3, 17};
    block->append({at(1), 0, 1, 2, event::Kind::ws_init});
    writer->submit(std::move(block));
    REQUIRE(writer->finish());
  }
  change_block(temp.path(), change);
  const auto run = *Run::open(temp.path(), Run::Access::read_only);
  const auto scanned = scan_blocks(*run, "go", {}, [](const event::Block&) { return true; });
  REQUIRE_FALSE(scanned);
  CHECK_FALSE(scan_timeline(*run, "go", {}, [](const Stretch&) { return true; }));
  return scanned.error();
}

}  // namespace

TEST_CASE("blocks in a selection are visited in the order of their keys, and no others") {
  static const Stored stored;
  const Selection selection = any_selection();
  std::vector<std::string> wanted;
  for (const BlockTimes& block : stored.blocks)
    if (covers(selection, block.info.round, block.info.phase) &&
        (!selection.from || block.latest >= *selection.from) &&
        (!selection.to || block.earliest < *selection.to))
      wanted.push_back(keys::block({block.info, block.earliest}));
  std::sort(wanted.begin(), wanted.end());
  std::vector<std::string> seen;
  REQUIRE(scan_blocks(*stored.run, "go", selection, [&](const event::Block& block) {
    seen.push_back(keys::block({block.info, *std::min_element(block.times().begin(), block.times().end())}));
    return true;
  }));
  CHECK(seen == wanted);
}

TEST_CASE("events in a selection come in the order of time, each once") {
  static const Stored stored;
  const Selection selection = any_selection();
  std::vector<Row> wanted;
  for (const Row& row : stored.rows)
    if (covers(selection, std::get<2>(row), std::get<3>(row)) &&
        (!selection.from || std::get<0>(row) >= *selection.from) &&
        (!selection.to || std::get<0>(row) < *selection.to))
      wanted.push_back(row);
  std::vector<Row> seen;
  Filter filter;
  filter.where = selection;
  REQUIRE(scan_timeline(*stored.run, "go", filter, [&](const Stretch& stretch) {
    for (const Placed& placed : stretch.events) {
      const event::BlockInfo& info = placed.block->info;
      seen.emplace_back(placed.time, placed.block->clients()[placed.index], info.round, info.phase,
                        info.shard);
    }
    return true;
  }));
  CHECK(std::is_sorted(seen.begin(), seen.end(),
                       [](const Row& a, const Row& b) { return std::get<0>(a) < std::get<0>(b); }));
  std::sort(seen.begin(), seen.end());
  std::sort(wanted.begin(), wanted.end());
  CHECK(seen == wanted);
}

TEST_CASE("a scan stops when its visitor says so") {
  const Stored stored;
  int blocks = 0;
  REQUIRE(scan_blocks(*stored.run, "go", {}, [&](const event::Block&) { return ++blocks < 3; }));
  CHECK(blocks == 3);
}

TEST_CASE("an unknown contestant is not found") {
  const TempDirectory temp;
  const auto run = *Run::create(temp.path());
  const auto scanned = scan_blocks(*run, "go", {}, [](const event::Block&) { return true; });
  REQUIRE_FALSE(scanned);
  CHECK(scanned.error().kind == Error::Kind::not_found);
}

TEST_CASE("a flipped bit in a block is corruption, told with the block's place") {
  const Error error = error_after([](std::string&, std::string& value) { value[80] ^= 4; });
  CHECK(error.kind == Error::Kind::corruption);
  CHECK_THAT(error.message, Catch::Contains("Block 17") && Catch::Contains("shard 3") &&
                                Catch::Contains("measuring") && Catch::Contains("checksum"));
}

TEST_CASE("a block cut short is corruption") {
  const Error error = error_after([](std::string&, std::string& value) { value.pop_back(); });
  CHECK(error.kind == Error::Kind::corruption);
  CHECK_THAT(error.message, Catch::Contains("truncated"));
}

TEST_CASE("a block of a later version is told as such") {
  CHECK(error_after([](std::string&, std::string& value) { value[4] = 9; }).kind == Error::Kind::version);
}

TEST_CASE("a block under another's key is corruption") {
  CHECK(error_after([](std::string& key, std::string&) { key.back() = 18; }).kind == Error::Kind::corruption);
}

TEST_CASE("a key that is not a block's is corruption") {
  CHECK(error_after([](std::string& key, std::string&) { key += 'x'; }).kind == Error::Kind::corruption);
}
