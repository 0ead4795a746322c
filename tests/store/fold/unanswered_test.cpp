#include "store/fold/unanswered.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <utility>

#include <catch2/catch.hpp>

using wsbench::event::Duration;
using wsbench::event::Phase;
using wsbench::event::Time;
using wsbench::store::Unanswered;

TEST_CASE("what is added is taken once, whatever the clients' numbers are") {
  const std::uint32_t first_client = GENERATE(0U, 0xFFFFFF00U, (1U << 20U) - 150U);
  std::mt19937_64 random(GENERATE(range(1U, 6U)));
  Unanswered unanswered;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> reference;
  Unanswered::Message message;
  bool wrong = false;
  for (std::int64_t step = 0; step < 60'000; ++step) {
    // The table fills up for the first half and runs empty in the second.
    const auto client = first_client + static_cast<std::uint32_t>(random() % 300),
               sequence = static_cast<std::uint32_t>(random() % 40);
    const auto found = reference.find({client, sequence});
    if (random() % 3 < (step < 30'000 ? 2U : 1U)) {
      if (found != reference.end()) continue;
      reference[{client, sequence}] = step;
      unanswered.add({Time(Duration(step)), Time(Duration(-step)), client, sequence, Phase::measuring});
    } else if (unanswered.take(client, sequence, message) != (found != reference.end())) {
      wrong = true;
    } else if (found != reference.end()) {
      wrong = wrong || message.due != Time(Duration(found->second)) ||
              message.sent != Time(Duration(-found->second));
      reference.erase(found);
    }
    if (step % 5000 == 0) wrong = wrong || unanswered.size() != reference.size();
  }
  CHECK_FALSE(wrong);
  std::size_t left = 0;
  unanswered.for_each([&](const Unanswered::Message& one) {
    left += reference.count({one.client, one.sequence});
  });
  CHECK(left == reference.size());
  CHECK(left > 100);
}

TEST_CASE("of two messages of the same name the later is taken first") {
  Unanswered unanswered;
  Unanswered::Message message;
  const std::uint32_t client = GENERATE(1U, 0xFFFFFFFFU);
  unanswered.add({Time{}, Time{Duration{1}}, client, 2, Phase::warm_up});
  unanswered.add({Time{}, Time{Duration{2}}, client, 2, Phase::measuring});
  REQUIRE(unanswered.take(client, 2, message));
  CHECK(message.sent == Time{Duration{2}});
  CHECK(message.phase == Phase::measuring);
  REQUIRE(unanswered.take(client, 2, message));
  CHECK(message.sent == Time{Duration{1}});
  CHECK_FALSE(unanswered.take(client, 2, message));
  CHECK_FALSE(unanswered.take(2, client, message));
}

TEST_CASE("messages of the same name are visited in the order of their adding") {
  Unanswered unanswered;
  // Enough others for the table to have grown more than once.
  for (std::uint32_t sequence = 0; sequence < 5000; ++sequence)
    for (const int turn : {1, 2, 3})
      unanswered.add({Time{}, Time{Duration{turn}}, 7, sequence, Phase::measuring});
  std::map<std::uint32_t, std::int64_t> last;
  bool in_order = true;
  unanswered.for_each([&](const Unanswered::Message& message) {
    const auto turn = message.sent.time_since_epoch().count();
    in_order = in_order && turn == ++last[message.sequence];
  });
  CHECK(in_order);
  CHECK(last.size() == 5000);
  CHECK(unanswered.size() == 15'000);
  unanswered.clear();
  CHECK(unanswered.size() == 0);
  Unanswered::Message message;
  CHECK_FALSE(unanswered.take(7, 4, message));
}
