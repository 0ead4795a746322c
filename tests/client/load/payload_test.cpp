#include "client/load/payload.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using wsbench::client::PayloadSource;

namespace {

std::string written(const PayloadSource& source, std::uint32_t client, std::uint32_t sequence) {
  std::string payload(source.size(), '\0');
  source.write(payload.data(), client, sequence);
  return payload;
}

}  // namespace

TEST_CASE("a payload has the wanted size, is printable, and matches itself") {
  const std::size_t size = GENERATE(8, 9, 20, 125, 126, 65536);
  const PayloadSource source(size, 1);
  const std::string payload = written(source, 9999, 123456);
  CHECK(payload.size() == size);
  CHECK(std::all_of(payload.begin(), payload.end(), [](char c) { return c > ' ' && c < '\x7F'; }));
  CHECK(source.matches(payload, 9999, 123456));
}

TEST_CASE("a payload of another client, another message or another load does not match") {
  const PayloadSource source(20, 1);
  const std::string payload = written(source, 7, 8);
  CHECK_FALSE(source.matches(payload, 8, 7));
  CHECK_FALSE(source.matches(payload, 7, 9));
  CHECK_FALSE(PayloadSource(20, 2).matches(payload, 7, 8));
}

TEST_CASE("a single wrong byte anywhere does not match, nor does another size") {
  const PayloadSource source(20, 1);
  const std::string payload = written(source, 7, 8);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    std::string damaged = payload;
    damaged[i] ^= 1;
    CHECK_FALSE(source.matches(damaged, 7, 8));
  }
  CHECK_FALSE(source.matches(payload.substr(0, 19), 7, 8));
  CHECK_FALSE(source.matches(payload + "x", 7, 8));
  CHECK_FALSE(source.matches("", 7, 8));
}

TEST_CASE("the head of a payload is the client and the sequence number in base 64") {
  const PayloadSource source(20, 1);
  CHECK(written(source, 0, 1).substr(0, 8) == "AAAAAAAB");
  CHECK(written(source, 64, 63).substr(0, 8) == "AABAAAA/");
}

TEST_CASE("payloads of neighbouring messages differ in their filler, too") {
  const PayloadSource source(20, 1);
  std::set<std::string> fillers;
  for (std::uint32_t i = 0; i < 1000; ++i) fillers.insert(written(source, 3, i).substr(8));
  CHECK(fillers.size() > 850);
}

TEST_CASE("a head tells the low 24 bits of its numbers; what is no base 64 is no head") {
  const PayloadSource source(8, 1);
  const auto head = PayloadSource::head_of(written(source, 0x12345678, 0xFFABCDEF));
  REQUIRE(head);
  CHECK(head->client == 0x345678);
  CHECK(head->sequence == 0xABCDEF);
  for (const char* other : {"", "AAAAAAA", "hello, world", "AAAA-AAA"})
    CHECK_FALSE(PayloadSource::head_of(other));
}

TEST_CASE("an altered message resembles itself and no other") {
  const PayloadSource source(GENERATE(20, 125), 1);
  const std::string payload = written(source, 7, 8);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    std::string damaged = payload;
    damaged[i] ^= 1;
    CHECK(source.resembles(damaged, 7, 8));
  }
  CHECK(source.resembles(payload.substr(0, payload.size() - 3), 7, 8));
  CHECK(source.resembles(payload + "abc", 7, 8));
  CHECK_FALSE(source.resembles(payload + payload, 7, 8));
  CHECK_FALSE(source.resembles("", 7, 8));
  CHECK_FALSE(source.resembles("too long and of other bytes", 7, 8));
  for (std::uint32_t other = 0; other < 100; ++other)
    if (other != 8) CHECK_FALSE(source.resembles(payload, 7, other));
}
