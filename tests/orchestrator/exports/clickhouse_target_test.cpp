#include "orchestrator/exports/clickhouse_target.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>

#include <catch2/catch.hpp>

#include "orchestrator/exports/row_binary.hpp"

using namespace wsbench;
using namespace std::chrono_literals;
using exports::parse_clickhouse_url;

TEST_CASE("a URL names the server, the user and the table") {
  const auto target = parse_clickhouse_url("clickhouse://bench:p%40ss%2Fw%3Ard@ch.example:9123/big.events");
  REQUIRE(target);
  CHECK(target->host == "ch.example");
  CHECK(target->port == 9123);
  CHECK(target->user == "bench");
  CHECK(target->password == "p@ss/w:rd");
  CHECK(target->database == "big");
  CHECK(target->table == "events");
  CHECK(target->display() == "clickhouse://ch.example:9123/big.events");

  const auto plain = parse_clickhouse_url("clickhouse://[::1]/d.t");
  REQUIRE(plain);
  CHECK(plain->host == "[::1]");
  CHECK(plain->port == 8123);
  CHECK(plain->user.empty());
}

TEST_CASE("what is no target is refused, and its password not repeated") {
  for (const char* url :
       {"", "ch:8123/d.t", "http://u:sesame@h/d.t", "clickhouse://u:sesame@h", "clickhouse://u:sesame@h/d",
        "clickhouse://u:sesame@h/d.", "clickhouse://u:sesame@h/.t", "clickhouse://u:sesame@h/d.t;x",
        "clickhouse://u:sesame@h/d.t%20u", "clickhouse://u:sesame@h/d.t?x=1",
        "clickhouse://u:sesame@h:99999/d.t", "clickhouse://u:sesame@h:0/d.t"}) {
    INFO(url);
    const auto target = parse_clickhouse_url(url);
    REQUIRE_FALSE(target);
    CHECK(target.error().kind == exports::Error::Kind::usage);
    CHECK(target.error().message.find("sesame") == std::string::npos);
  }
}

TEST_CASE("a password is masked wherever it stands, even one that looks like the mask") {
  exports::ClickHouseTarget target;
  CHECK(target.masked("nothing to hide") == "nothing to hide");
  target.password = "sesame";
  CHECK(target.masked("sesame, open sesamesesame") == "***, open ******");
  target.password = "*";
  CHECK(target.masked("a*b**") == "a***b******");
  target.password = "****";
  CHECK(target.masked("*****") == "****");
}

TEST_CASE("what goes into SQL cannot leave its quotes") {
  CHECK(exports::sql_literal("it's \\ here") == "'it\\'s \\\\ here'");
}

TEST_CASE("a row is its values one after the other") {
  event::Block block;
  block.info = {.round = 2, .phase = event::Phase::drain, .agent = 3, .shard = 4};
  block.append({event::Time(0x0102030405060708ns), 0xAABB, 0x11, 0x22, event::Kind::recv_message});
  exports::RowBinary rows("r1", std::string(200, 'c'));
  rows.append({block.times()[0], &block, 0}, 7);
  using namespace std::string_literals;
  CHECK(rows.bytes() == "\x02r1\xC8\x01"s + std::string(200, 'c') + "\x02\x00"s + "\x07\x00\x00\x00"s +
                            "\x08\x07\x06\x05\x04\x03\x02\x01"s + "\x04\x04"s + "\x03\x00\x04\x00"s +
                            "\x11\x00\x00\x00"s + "\x22\x00\x00\x00"s + "\xBB\xAA\x00\x00\x00\x00\x00\x00"s);
  CHECK(rows.rows() == 1);
  rows.clear();
  CHECK(rows.bytes().empty());
  CHECK(rows.fingerprint() == exports::Fingerprint{});
}

TEST_CASE("the fingerprint of rows is their number, their span and the sums of two columns") {
  event::Block block;
  for (const auto& [time, value, client] :
       {std::tuple(20ns, ~std::uint64_t{0}, 1U), {-10ns, std::uint64_t{3}, 2U}, {5ns, std::uint64_t{7}, 4U}})
    block.append({event::Time(time), value, client, 0, event::Kind::server});
  exports::RowBinary rows("r", "c");
  for (std::uint32_t i = 0; i < 3; ++i) rows.append({block.times()[i], &block, i}, 0);
  CHECK(rows.fingerprint() == exports::Fingerprint{3, -10, 20, 7, 9});
}
