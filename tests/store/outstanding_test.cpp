#include "store/outstanding.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <utility>

#include <catch2/catch.hpp>

using wsbench::event::Duration;
using wsbench::event::Time;
using wsbench::store::Outstanding;

TEST_CASE("what is added is taken once, through growth and gaps") {
  std::mt19937_64 random(GENERATE(range(1U, 6U)));
  Outstanding outstanding;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> reference;
  Outstanding::Message message;
  bool wrong = false;
  for (std::int64_t step = 0; step < 60'000; ++step) {
    // The table fills up for the first half and runs empty in the second.
    const auto client = static_cast<std::uint32_t>(random() % 300),
               sequence = static_cast<std::uint32_t>(random() % 40);
    const auto found = reference.find({client, sequence});
    if (random() % 3 < (step < 30'000 ? 2U : 1U)) {
      if (found != reference.end()) continue;
      reference[{client, sequence}] = step;
      outstanding.add({Time(Duration(step)), Time(Duration(-step)), client, sequence});
    } else if (outstanding.take(client, sequence, message) != (found != reference.end())) {
      wrong = true;
    } else if (found != reference.end()) {
      wrong = wrong || message.due != Time(Duration(found->second)) ||
              message.sent != Time(Duration(-found->second));
      reference.erase(found);
    }
    wrong = wrong || outstanding.size() != reference.size();
  }
  CHECK_FALSE(wrong);
  std::size_t left = 0;
  outstanding.for_each([&](const Outstanding::Message& one) {
    left += reference.count({one.client, one.sequence});
  });
  CHECK(left == reference.size());
  CHECK(left > 100);
}

TEST_CASE("two messages of the same name are two") {
  Outstanding outstanding;
  Outstanding::Message message;
  outstanding.add({Time{}, Time{}, 1, 2});
  outstanding.add({Time{}, Time{}, 1, 2});
  CHECK(outstanding.take(1, 2, message));
  CHECK(outstanding.take(1, 2, message));
  CHECK_FALSE(outstanding.take(1, 2, message));
  CHECK_FALSE(outstanding.take(2, 1, message));
}
