#include "store/event/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using wsbench::event::Duration;
using wsbench::event::Histogram;

TEST_CASE("an empty histogram has no quantiles") {
  const Histogram histogram;
  CHECK_FALSE(histogram.quantile(0.5));
  CHECK(histogram.count() == 0);
}

TEST_CASE("quantiles are within a thousandth of the exact ones") {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> latency(13.0, 2.0);
  std::vector<Duration> exact;
  Histogram histogram;
  for (int i = 0; i < 20000; ++i) {
    const Duration value(static_cast<Duration::rep>(latency(random)));
    exact.push_back(value);
    histogram.record(value);
  }
  std::sort(exact.begin(), exact.end());
  const double q = GENERATE(0.0001, 0.5, 0.9, 0.99, 0.999, 1.0);
  const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(q * 20000.0))) - 1;
  const auto wanted = static_cast<double>(exact[rank].count());
  CHECK(static_cast<double>(histogram.quantile(q)->count()) == Approx(wanted).epsilon(0.001));
}

TEST_CASE("two histograms added equal one that recorded both") {
  Histogram left, right, both;
  for (int i = 1; i < 5000; ++i) {
    const Duration value(i * 977);
    (i % 2 == 0 ? left : right).record(value);
    both.record(value);
  }
  left.add(right);
  CHECK(left.count() == both.count());
  CHECK(left.max() == both.max());
  for (const double q : {0.1, 0.5, 0.999}) CHECK(left.quantile(q) == both.quantile(q));
}

TEST_CASE("durations beyond the range and below zero are kept at its ends") {
  Histogram histogram;
  histogram.record(std::chrono::hours{5});
  histogram.record(Duration{-3});
  CHECK(histogram.count() == 2);
  CHECK(histogram.max() == std::chrono::hours{5});
  CHECK(histogram.quantile(0.5) == Duration{0});
  CHECK(histogram.quantile(1.0) <= std::chrono::hours{5});
}

TEST_CASE("what came since an earlier state is the difference of the two") {
  Histogram whole, later;
  for (int i = 1; i < 3000; ++i) whole.record(Duration(i * 1009));
  const Histogram earlier = whole;
  for (int i = 1; i < 2000; ++i) {
    whole.record(Duration(i * 31));
    later.record(Duration(i * 31));
  }
  whole.subtract(earlier);
  CHECK(whole.count() == later.count());
  for (const double q : {0.1, 0.5, 0.999}) CHECK(whole.quantile(q) == later.quantile(q));
}

TEST_CASE("a histogram's sum is within its buckets' width of the exact one") {
  Histogram histogram;
  CHECK(histogram.sum() == Duration{0});
  double exact = 0;
  for (int i = 0; i < 10000; ++i) {
    histogram.record(Duration(i * 7919));
    exact += i * 7919.0;
  }
  CHECK(static_cast<double>(histogram.sum().count()) == Approx(exact).epsilon(0.0005));
}

TEST_CASE("values at or below a limit are counted to a bucket's width, and none is counted twice") {
  Histogram histogram;
  CHECK(histogram.count_at_or_below(std::chrono::hours{1}) == 0);
  for (int i = 1; i <= 1000; ++i) histogram.record(std::chrono::microseconds{i});
  CHECK(histogram.count_at_or_below(Duration{-1}) == 0);
  CHECK(histogram.count_at_or_below(Duration{999}) == 0);
  CHECK(histogram.count_at_or_below(Duration{1000}) == 1);
  CHECK(histogram.count_at_or_below(std::chrono::microseconds{1000}) == 1000);
  std::uint64_t before = 0;
  for (int i = 0; i <= 1000; i += 50) {
    const auto count = histogram.count_at_or_below(std::chrono::microseconds{i});
    CHECK(count >= before);
    CHECK(static_cast<double>(count) == Approx(i).margin(1.0));
    before = count;
  }
}

TEST_CASE("a value beyond the range is at or below nothing but what reaches it") {
  Histogram histogram;
  histogram.record(std::chrono::hours{5});
  histogram.record(std::chrono::seconds{1});
  CHECK(histogram.count_at_or_below(std::chrono::hours{4}) == 1);
  CHECK(histogram.count_at_or_below(std::chrono::hours{5}) == 2);
}
