#include "orchestrator/results/ranking.hpp"

#include <catch2/catch.hpp>

#include "tests/orchestrator/results/results.hpp"

using namespace std::chrono_literals;
using namespace wsbench::results;
using wsbench::client::Mode;
using wsbench::test::completed_round;

namespace {

ContestantResult contestant(const std::string& name, const std::vector<std::chrono::microseconds>& p99s) {
  ContestantResult result{name, "", "", "", {}};
  for (const auto p99 : p99s)
    result.rounds.push_back(completed_round(name, p99, static_cast<std::uint16_t>(result.rounds.size())));
  return result;
}

}  // namespace

TEST_CASE("the median of an even number of values is between the middle two") {
  CHECK(median({4, 1, 3, 2}) == 2.5);
  CHECK(median({9, 1, 5}) == 5);
}

TEST_CASE("the bootstrap interval holds the median and lies within the values") {
  const std::vector<double> values{10, 11, 12, 13, 14, 15, 50};
  const auto interval = bootstrap_median(values);
  CHECK(interval.low <= 13);
  CHECK(interval.high >= 13);
  CHECK(interval.low >= 10);
  CHECK(interval.high <= 50);
  CHECK(bootstrap_median(values).low == interval.low);
}

TEST_CASE("an open loop ranks by p99, the smallest first") {
  const auto ranked = rank({contestant("slow", {9ms}), contestant("fast", {1ms})}, Mode::open);
  CHECK(ranked[0].name == "fast");
  CHECK(ranked[0].rank == 1);
  CHECK(ranked[1].rank == 2);
}

TEST_CASE("a closed loop ranks by messages a second, the largest first") {
  auto quick = contestant("quick", {9ms}), slow = contestant("slow", {1ms});
  quick.rounds[0].message_rate = 5000;
  slow.rounds[0].message_rate = 4000;
  CHECK(rank({slow, quick}, Mode::closed)[0].name == "quick");
}

TEST_CASE("contestants whose intervals overlap share a rank, and the next one counts on") {
  const auto ranked =
      rank({contestant("a", {1000us, 1100us, 1050us}), contestant("b", {1080us, 1020us, 1060us}),
            contestant("c", {3000us, 3100us, 3050us})},
           Mode::open);
  CHECK(ranked[0].rank == 1);
  CHECK(ranked[1].rank == 1);
  CHECK(ranked[2].name == "c");
  CHECK(ranked[2].rank == 3);
}

TEST_CASE("who does not hold the load ranks after all who do, however quick") {
  auto leaky = contestant("leaky", {100us});
  leaky.rounds[0].received = 900;
  leaky.rounds[0].lost = 100;
  const auto ranked = rank({leaky, contestant("steady", {5ms})}, Mode::open);
  CHECK(ranked[0].name == "steady");
  CHECK(ranked[1].name == "leaky");
  CHECK_FALSE(ranked[1].note.empty());
}

TEST_CASE("dropping clients is not holding the load, though those that are left lose nothing") {
  auto dropper = contestant("dropper", {100us});
  auto& ended = dropper.rounds[0].ended;
  ended[static_cast<std::size_t>(wsbench::event::Reason::completed)] = 60;
  ended[static_cast<std::size_t>(wsbench::event::Reason::normal)] = 40;
  const auto ranked = rank({dropper, contestant("steady", {5ms})}, Mode::open);
  CHECK(ranked[0].name == "steady");
  CHECK_FALSE(ranked[1].holds_load);
}

TEST_CASE("one failed round ranks a contestant after those without") {
  auto flaky = contestant("flaky", {1ms, 1ms, 1ms});
  flaky.rounds[1].state = TurnState::failed;
  flaky.rounds[1].failure = Failure{FailureKind::died, "it ended under load", "", ""};
  CHECK(rank({flaky, contestant("steady", {5ms, 5ms, 5ms})}, Mode::open)[0].name == "steady");
}

TEST_CASE("failed, invalid and not installed contestants have no rank but are shown, with the reason") {
  auto failed = contestant("failed", {1ms});
  failed.rounds[0].state = TurnState::failed;
  failed.rounds[0].failure = Failure{FailureKind::died, "it ended under load", "", ""};
  auto invalid = contestant("invalid", {1ms});
  invalid.rounds[0].gates.push_back({"client_punctual", false, "lag"});
  invalid.rounds[0].gates.push_back({"all_events_stored", true, "none lost"});
  invalid.rounds[0].gates.push_back({"echoes_equal", false, "one left out"});
  ContestantResult absent{"absent", "", "", "", {RoundResult{}}};
  absent.rounds[0].state = TurnState::not_installed;
  absent.rounds[0].package_hint = "python3-absent";

  const auto ranked = rank({failed, invalid, absent, contestant("good", {2ms})}, Mode::open);
  REQUIRE(ranked.size() == 4);
  CHECK(ranked[0].name == "good");
  for (std::size_t i = 1; i < 4; ++i) {
    INFO(ranked[i].name);
    CHECK_FALSE(ranked[i].rank);
    CHECK_FALSE(ranked[i].note.empty());
  }
  CHECK(ranked[3].note.find("python3-absent; competition/setup absent") != std::string::npos);
  CHECK(ranked[2].note == "invalid: client_punctual (lag); echoes_equal (one left out)");
}

TEST_CASE("quantiles are medians over executions, counts are sums") {
  const auto ranked = rank({contestant("a", {1ms, 9ms, 2ms})}, Mode::open);
  CHECK(ranked[0].latency.p99 == 2ms);
  CHECK(ranked[0].sent == 3000);
  CHECK(ranked[0].interval);
}

TEST_CASE("a quantile that is lost in most executions stays lost") {
  auto a = contestant("a", {1ms, 1ms, 1ms});
  a.rounds[0].latency.p999.reset();
  a.rounds[1].latency.p999.reset();
  CHECK_FALSE(rank({a}, Mode::open)[0].latency.p999);
}
