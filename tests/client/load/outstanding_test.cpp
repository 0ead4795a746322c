#include "client/load/outstanding.hpp"

#include <chrono>
#include <deque>

#include <catch2/catch.hpp>

#include "client/websocket/random.hpp"

using wsbench::client::Outstanding;
using wsbench::client::Random;
using wsbench::event::Time;

TEST_CASE("due times come back in the order in which they went in, however many wait") {
  Random random(1);
  Outstanding outstanding;
  std::deque<Time> expected;
  std::int64_t next = 0;
  for (int step = 0; step < 20000; ++step) {
    // Phases of growing and of shrinking, so that the ring wraps at many sizes.
    const bool push = expected.empty() || random.unit() < ((step / 1000) % 2 == 0 ? 0.6 : 0.4);
    if (push) {
      expected.push_back(Time(std::chrono::nanoseconds{++next}));
      outstanding.push(expected.back());
    } else {
      REQUIRE(outstanding.front() == expected.front());
      REQUIRE(outstanding.pop() == expected.front());
      expected.pop_front();
    }
    REQUIRE(outstanding.size() == expected.size());
  }
}

TEST_CASE("after clear nothing waits and it can be used again") {
  Outstanding outstanding;
  for (int i = 0; i < 100; ++i) outstanding.push(Time{});
  outstanding.clear();
  CHECK(outstanding.empty());
  const Time due{std::chrono::nanoseconds{7}};
  outstanding.push(due);
  CHECK(outstanding.pop() == due);
}
