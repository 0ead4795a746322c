#include "store/run/keys.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace wsbench::store;
using wsbench::event::Duration;
using wsbench::event::Phase;
using wsbench::event::Time;

TEST_CASE("the keys of blocks sort by round, phase, time, agent, shard and number") {
  const std::vector<keys::BlockKey> ascending{
      {{0, Phase::ramp, 0, 0, 0}, Time(Duration{0})},
      {{0, Phase::ramp, 0, 0, 1}, Time(Duration{0})},
      {{0, Phase::ramp, 0, 0, 0xFFFFFFFF}, Time(Duration{0})},
      {{0, Phase::ramp, 0, 1, 0}, Time(Duration{0})},
      {{0, Phase::ramp, 0, 0xFFFF, 0}, Time(Duration{0})},
      {{0, Phase::ramp, 1, 0, 0}, Time(Duration{0})},
      {{0, Phase::ramp, 0, 0, 0}, Time(Duration{255})},
      {{0, Phase::ramp, 0, 0, 0}, Time(Duration{256})},
      {{0, Phase::ramp, 0, 0, 0}, Time::max()},
      {{0, Phase::closing, 0, 0, 0}, Time(Duration{0})},
      {{1, Phase::ramp, 0, 0, 0}, Time(Duration{0})},
      {{256, Phase::ramp, 0, 0, 0}, Time(Duration{0})},
  };
  std::string last;
  for (const keys::BlockKey& key : ascending) {
    const std::string bytes = keys::block(key);
    CHECK(bytes > last);
    CHECK(bytes.size() == 19);
    const auto parsed = keys::parse_block(bytes);
    REQUIRE(parsed);
    CHECK(keys::block(*parsed) == bytes);
    CHECK(parsed->earliest == key.earliest);
    CHECK(parsed->info.number == key.info.number);
    last = bytes;
  }
}

TEST_CASE("a prefix ends before what follows it") {
  const std::string last = keys::block({{7, Phase::closing, 0xFFFF, 0xFFFF, 0xFFFFFFFF}, Time::max()});
  CHECK(last < keys::behind(keys::block_prefix(7)));
  CHECK(last < keys::behind(keys::block_prefix(7, Phase::closing)));
  CHECK(keys::behind(keys::block_prefix(7)) == keys::block_prefix(8));
  CHECK(keys::behind("a\xFF\xFF") == "b");
  const std::string greatest =
      keys::block({{0xFFFF, Phase::closing, 0xFFFF, 0xFFFF, 0xFFFFFFFF}, Time::max()});
  CHECK(greatest < keys::behind(keys::block_prefix(0xFFFF)));
  CHECK(greatest < keys::behind(""));
}

TEST_CASE("documents, journal entries and contestants keep apart") {
  CHECK(keys::document_name(keys::document("j")) == "j");
  CHECK_FALSE(keys::document_name(keys::journal(1)));
  CHECK(keys::journal_number(keys::journal(0x0102030405060708)) == 0x0102030405060708U);
  CHECK_FALSE(keys::journal_number(keys::document("12345678")));
  CHECK(keys::journal(255) < keys::journal(256));
  CHECK(keys::contestant(keys::family("default")) == "default");
  CHECK_FALSE(keys::contestant("default"));
  CHECK_FALSE(keys::parse_block(keys::journal(1)));
}
