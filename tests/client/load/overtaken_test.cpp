#include "client/load/overtaken.hpp"

#include <chrono>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using wsbench::client::Overtaken;
using wsbench::event::Time;

TEST_CASE("an overtaken message is taken once, by its client and sequence, in any order") {
  Overtaken overtaken;
  for (std::uint32_t sequence = 0; sequence < 10; ++sequence)
    for (std::uint32_t client : {4U, 9U})
      overtaken.add(client, 3 * sequence, Time(client * 1s + sequence * 1ms));
  for (const std::uint32_t sequence : {5U, 0U, 9U, 4U, 6U}) {
    CHECK_FALSE(overtaken.take(4, 3 * sequence + 1));
    CHECK(overtaken.take(4, 3 * sequence) == Time(4s + sequence * 1ms));
    CHECK_FALSE(overtaken.take(4, 3 * sequence));
  }
  CHECK_FALSE(overtaken.take(5, 0));
  CHECK(overtaken.forget(4) == 5);
  CHECK(overtaken.forget(4) == 0);
  CHECK_FALSE(overtaken.take(4, 3));
  CHECK(overtaken.forget(9) == 10);
}
