#include "store/fold/distribution.hpp"

#include <algorithm>
#include <initializer_list>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using wsbench::event::Duration;
using wsbench::store::Distribution;
using namespace std::chrono_literals;

namespace {

std::vector<Duration> durations(std::initializer_list<int> values) {
  std::vector<Duration> result;
  for (const int value : values) result.emplace_back(value);
  return result;
}

}  // namespace

TEST_CASE("distributions added tell what one of all their values tells") {
  std::mt19937_64 random(3);
  const std::size_t count = GENERATE(1000U, Distribution::kExact, Distribution::kExact + 1);
  std::vector<Duration> values;
  while (values.size() < count)
    values.emplace_back(static_cast<Duration::rep>(random() >> random() % 60) >> 1);
  const Distribution whole(values, 5);
  Distribution parts, part;
  for (std::size_t i = 0; i < count; ++i) {
    part.record(values[i]);
    if (i % 777 != 0 && i + 1 != count) continue;
    parts.add(part);
    part = {};
  }
  for (int i = 0; i < 5; ++i) parts.censor(0ns);
  parts.seal();
  CHECK(parts.exact() == (count <= Distribution::kExact));
  CHECK(parts.exact() == whole.exact());
  CHECK(parts.count() == whole.count());
  CHECK(parts.min() == whole.min());
  CHECK(parts.max() == whole.max());
  CHECK(parts.mean() == whole.mean());
  for (const double q : {0.0, 0.01, 0.5, 0.99, 0.99999, 1.0}) CHECK(parts.quantile(q) == whole.quantile(q));
}

TEST_CASE("a quantile is the smallest value that the share does not exceed, the lost ranking above all") {
  const Distribution distribution(durations({30, 10, 20, 40}), 1);
  CHECK(distribution.quantile(0.0) == 10ns);
  CHECK(distribution.quantile(0.2) == 10ns);
  CHECK(distribution.quantile(0.21) == 20ns);
  CHECK(distribution.quantile(0.8) == 40ns);
  CHECK_FALSE(distribution.quantile(0.81));
  CHECK(distribution.min() == 10ns);
  CHECK(distribution.max() == 40ns);
  CHECK(distribution.mean() == 25ns);
}

TEST_CASE("a mean of all is at least what was waited for those that never ended") {
  Distribution distribution(durations({30, 10, 20, 40}), 0);
  CHECK(distribution.mean_at_least() == 25ns);
  distribution.censor(300ns);
  distribution.censor(200ns);
  distribution.seal();
  CHECK(distribution.mean_at_least() == 100ns);
  CHECK(distribution.mean() == 25ns);
  CHECK(distribution.censored() == 2);
  CHECK_FALSE(distribution.quantile(0.99));
  CHECK(distribution.quantile_of_ended(0.99) == 40ns);
  Distribution both;
  both.add(distribution);
  both.add(distribution);
  CHECK(both.mean_at_least() == 100ns);
  CHECK_FALSE(Distribution().mean_at_least());
}

TEST_CASE("shares that are not exact in binary fall on the rank that they name") {
  std::vector<Duration> values;
  for (int i = 100; i > 0; --i) values.emplace_back(i);
  const Distribution distribution(values, 0);
  for (int percent = 1; percent <= 100; ++percent)
    CHECK(distribution.quantile(percent / 100.0) == Duration(percent));
}

TEST_CASE("a distribution sorts values of any size and sign") {
  std::mt19937_64 random(9);
  std::vector<Duration> values;
  for (int i = 0; i < 5000; ++i) values.emplace_back(static_cast<Duration::rep>(random()) >> random() % 64);
  const Distribution distribution(values, 0);
  std::sort(values.begin(), values.end());
  CHECK(distribution.sorted() == values);
}

TEST_CASE("a distribution of nothing but lost messages has no figures") {
  const Distribution distribution({}, 3);
  CHECK(distribution.empty());
  CHECK(distribution.censored() == 3);
  CHECK_FALSE(distribution.quantile(0.0));
  CHECK_FALSE(distribution.min());
  CHECK_FALSE(distribution.max());
  CHECK_FALSE(distribution.mean());
  CHECK_FALSE(distribution.quantile_of_ended(0.5));
}
