#include "store/fold/fold.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "store/event/rank.hpp"
#include "store/fold/pairs.hpp"
#include "store/read/cursor.hpp"
#include "store/run/run_impl.hpp"
#include "tests/store/fold/rounds.hpp"
#include "tests/store/loads.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using namespace wsbench::store;
using namespace wsbench::store::rounds;
using event::Duration;
using event::Kind;
using event::Phase;
using event::Time;
using namespace std::chrono_literals;

namespace {

std::optional<Duration> quantile(const std::vector<Duration>& sorted, double q) {
  if (sorted.empty()) return std::nullopt;
  return sorted[static_cast<std::size_t>(std::max(1.0, std::ceil(q * static_cast<double>(sorted.size())))) -
                1];
}

/// What a histogram's bucket leaves of a quantile.
std::optional<Duration> in_bucket(std::optional<Duration> value, Duration longest) {
  if (!value) return value;
  return std::min(event::Histogram::upper_bound_of(event::Histogram::bucket_of(*value)), longest);
}

void check_seconds(const Statistics& statistics, const Reference& reference) {
  const Time first = statistics.measuring_first;
  const auto count = static_cast<std::size_t>((statistics.measuring_last - first) / 1s + 1);
  REQUIRE(statistics.seconds.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    const Time from = first + static_cast<int>(i) * 1s, to = from + 1s;
    const auto due_here = [&](const Reference::Message& message) {
      return message.due >= from && message.due < to;
    };
    const auto latencies = reference.values(
        [&](const auto& message) { return due_here(message) ? latency(message) : std::nullopt; });
    const auto sent = reference.values(
        [&](const auto& message) { return due_here(message) ? lag(message) : std::nullopt; });
    const auto received = reference.values([&](const auto& message) {
      return message.back && *message.back >= from && *message.back < to ? lag(message) : std::nullopt;
    });
    const Second& second = statistics.seconds[i];
    CHECK(second.index == i);
    CHECK(second.sent == sent.size());
    CHECK(second.received == received.size());
    const Duration longest = latencies.empty() ? 0ns : latencies.back();
    CHECK(second.latency_p50 == in_bucket(quantile(latencies, 0.5), longest));
    CHECK(second.latency_p99 == in_bucket(quantile(latencies, 0.99), longest));
  }
}

Duration sum_of(const std::vector<Duration>& values) {
  return std::accumulate(values.begin(), values.end(), Duration{0});
}

/// Everything due is in one figure, and everything that the server did wrong in another.
void check_faults(const Statistics& statistics, const Reference& reference) {
  std::uint64_t not_sent = 0;
  for (const auto& [reason, messages] : reference.not_sent) {
    CHECK(statistics.not_sent[static_cast<std::size_t>(reason)] == messages);
    not_sent += messages;
  }
  CHECK(not_sent > 0);
  CHECK(statistics.due == statistics.sent + not_sent);
  CHECK(statistics.sent == statistics.received + statistics.lost);
  const auto altered = reference.values([](const auto& message) {
    return message.altered ? std::optional(*message.altered - message.due) : std::nullopt;
  });
  CHECK(statistics.altered == altered.size());
  CHECK(statistics.altered > 0);
  CHECK(statistics.reordered == reference.reordered);
  CHECK(statistics.reordered > 0);
  CHECK(statistics.duplicated == reference.duplicated);
  CHECK(statistics.foreign == reference.foreign);
  const auto lost = reference.values(vain), latencies = reference.values(latency);
  CHECK(statistics.latency.mean_at_least() ==
        (sum_of(latencies) + sum_of(lost)) / static_cast<std::int64_t>(statistics.sent));
}

void check_window(const Statistics& statistics, const Reference& reference) {
  REQUIRE(statistics.window);
  const Window& window = *statistics.window;
  CHECK(window.began == kMeasuring);
  CHECK(window.ended == kDrain);
  CHECK(window.received == reference.received_in_window);
  const auto means = reference.means();
  CHECK(window.under_way == Approx(means.under_way));
  CHECK(window.in_vain == Approx(means.in_vain));
  CHECK(window.connected == Approx(means.connected));
  const auto p99 = quantile(reference.values(latency), 0.99);
  CHECK(statistics.stuck_after == std::max<Duration>(1s, 10 * *p99));
  CHECK(statistics.stuck == reference.waiting_longer_than(statistics.stuck_after).size());
}

void check_read_lags(const Statistics& statistics, const Reference& reference) {
  std::vector<Duration> lags, in_latency;
  for (const event::ReadLag& one : reference.read_lags) {
    lags.push_back(one.lag);
    in_latency.push_back(one.lag - one.after);
  }
  std::sort(lags.begin(), lags.end());
  std::sort(in_latency.begin(), in_latency.end());
  CHECK(lags.size() > 100);
  CHECK(statistics.read_lag.sorted() == lags);
  CHECK(statistics.read_lag_in_latency.sorted() == in_latency);
}

}  // namespace

TEST_CASE("a fold finds what a message by message account finds, however it is parted") {
  const auto longest_lag =
      GENERATE(Duration{40ms}, Duration{4s});  // 4 s: due long before others that came first
  const auto events = any_round(GENERATE(range(1U, 7U)), longest_lag);
  const TempDirectory temp;
  const auto run = store_events(temp, events, 3, GENERATE(23U, 4096U));
  const Reference reference(events);
  const auto options = GENERATE(FoldOptions{1, 1}, FoldOptions{3, 1}, FoldOptions{2, 5}, FoldOptions{});
  const auto folded = fold(*run, "go", 3, options);
  REQUIRE(folded);

  CHECK(folded->events == events.size());
  CHECK(folded->attempted == reference.inits.size());
  CHECK(folded->established == reference.handshakes.size());
  CHECK(folded->handshake.censored() == folded->ended[static_cast<std::size_t>(event::Reason::refused)]);
  CHECK(folded->ended[static_cast<std::size_t>(event::Reason::completed)] +
            folded->ended[static_cast<std::size_t>(event::Reason::reset)] ==
        folded->established);
  CHECK(folded->handshake.sorted() == reference.handshakes);
  const Duration handshakes = sum_of(reference.handshakes);
  CHECK(folded->handshake.mean_at_least() ==
        (handshakes + folded->handshake.censored() * 400ms) / static_cast<std::int64_t>(folded->attempted));

  const auto latencies = reference.values(latency), lags = reference.values(lag);
  CHECK(folded->sent == lags.size());
  CHECK(folded->received == latencies.size());
  CHECK(folded->lost == lags.size() - latencies.size());
  CHECK(folded->lost > 0);
  CHECK(folded->latency.sorted() == latencies);
  CHECK(folded->latency.censored() == folded->lost);
  CHECK(folded->service_time.sorted() == reference.values(service_time));
  CHECK(folded->service_time.censored() == folded->lost);
  CHECK(folded->lag.sorted() == lags);
  CHECK(folded->lag.censored() == 0);
  check_faults(*folded, reference);
  check_window(*folded, reference);
  check_read_lags(*folded, reference);
  CHECK(folded->warm_up_sent == reference.values(lag, Phase::warm_up).size());
  CHECK(folded->warm_up_received == reference.values(latency, Phase::warm_up).size());
  check_seconds(*folded, reference);

  REQUIRE(folded->samples.size() == reference.samples.size());
  for (const ServerSample& sample : folded->samples)
    CHECK(sample.values == reference.samples.at(sample.time));
}

TEST_CASE("every measured message that came back is a pair, once, and every handshake") {
  const auto events = any_round(77);
  const TempDirectory temp;
  const auto run = store_events(temp, events, 0);
  const Reference reference(events);
  std::vector<Duration> elapsed, handshakes;
  REQUIRE(scan_pairs(*run, "go", PairKind::message, [&](const PairStretch& stretch) {
    for (const Pair& pair : stretch.pairs) {
      const auto& message = reference.messages.at({pair.client, pair.sequence});
      CHECK(pair.began == message.due);
      CHECK(pair.lag == message.sent - message.due);
      CHECK(pair.began + pair.elapsed == message.back);
      elapsed.push_back(pair.elapsed);
    }
    return true;
  }));
  REQUIRE(scan_pairs(*run, "go", PairKind::handshake, [&](const PairStretch& stretch) {
    for (const Pair& pair : stretch.pairs) {
      CHECK(pair.began == reference.inits.at(pair.client));
      CHECK(pair.sequence == 0);
      CHECK(pair.lag == 0ns);
      handshakes.push_back(pair.elapsed);
    }
    return true;
  }));
  std::sort(elapsed.begin(), elapsed.end());
  CHECK(elapsed == reference.values(latency));
  CHECK(handshakes.size() == reference.handshakes.size());
}

TEST_CASE("more messages than are kept exactly fold to the buckets of their exact quantiles") {
  loads::Load load;
  load.clients = 500;
  load.interval = 10ms;
  load.length = 3s;
  load.latency = GENERATE(Duration{150us}, Duration{35ms});  // 35 ms: several of a client are under way
  auto events = loads::open_loop(load);
  std::vector<Recorded> recorded;
  for (const auto& event : events)
    if (event.kind == Kind::send_message || event.sequence % 100 != 7)
      recorded.push_back({event, Phase::measuring, static_cast<std::uint16_t>(event.client % 3)});
  const TempDirectory temp;
  const auto run = store_events(temp, recorded, 0, 500);
  const Reference reference(recorded);
  const auto folded = fold(*run, "go", 0, {3, 7});
  REQUIRE(folded);
  const auto check = [](const Distribution& found, const std::vector<Duration>& exact, std::uint64_t lost) {
    CHECK_FALSE(found.exact());
    REQUIRE(found.count() == exact.size());
    CHECK(found.censored() == lost);
    CHECK(found.min() == exact.front());
    CHECK(found.max() == exact.back());
    std::int64_t sum = 0;
    for (const Duration one : exact) sum += one.count();
    CHECK(found.mean() == Duration(sum / static_cast<std::int64_t>(exact.size())));
    for (const double q : {0.0, 0.001, 0.5, 0.9, 0.99}) {
      const auto rank = event::nearest_rank(q, exact.size() + lost);
      const auto wanted = rank > exact.size() ? std::nullopt : in_bucket(exact[rank - 1], exact.back());
      CHECK(found.quantile(q) == wanted);
    }
  };
  const auto latencies = reference.values(latency), lags = reference.values(lag);
  const auto lost = lags.size() - latencies.size();
  CHECK(folded->lost == lost);
  CHECK(lost == 1500);
  check(folded->latency, latencies, lost);
  check(folded->service_time, reference.values(service_time), lost);
  check(folded->lag, lags, 0);
  check_seconds(*folded, reference);
}

TEST_CASE("a block that cannot be read ends a fold by its name, in whatever part it stands") {
  const auto events = any_round(5);
  const TempDirectory temp;
  const auto run = store_events(temp, events, 0, 50);
  Selection selection;
  selection.phase = Phase::drain;
  auto cursor = Cursor::open(*run, "go", selection);
  REQUIRE(cursor);
  REQUIRE(cursor->next() == true);
  std::string packed(cursor->packed());
  const std::string wrong = std::to_string(cursor->key().info.number);
  packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 4);
  REQUIRE(run->impl().db().Put({}, *run->impl().family("go"), keys::block(cursor->key()), packed).ok());
  const auto folded = fold(*run, "go", 0, GENERATE(FoldOptions{1, 1}, FoldOptions{2, 3}, FoldOptions{}));
  REQUIRE_FALSE(folded);
  CHECK(folded.error().kind == Error::Kind::corruption);
  CHECK_THAT(folded.error().message, Catch::Contains("Block " + wrong + " of contestant go") &&
                                         Catch::Contains("phase drain") && Catch::Contains("checksum"));
}

TEST_CASE("a warm-up message stays one when its echo comes while measuring") {
  const TempDirectory temp;
  const auto run = store_events(temp,
                                {{{kWarmUp, 10, 1, 0, Kind::send_message}, Phase::warm_up, 0},
                                 {{kWarmUp + 1s, 20, 1, 1, Kind::send_message}, Phase::measuring, 0},
                                 {{kWarmUp + 2s, 0, 1, 0, Kind::recv_message}, Phase::measuring, 0},
                                 {{kWarmUp + 3s, 0, 1, 1, Kind::recv_message}, Phase::drain, 0}},
                                0);
  const auto folded = fold(*run, "go", 0);
  REQUIRE(folded);
  CHECK(folded->warm_up_sent == 1);
  CHECK(folded->warm_up_received == 1);
  CHECK(folded->sent == 1);
  CHECK(folded->latency.sorted() == std::vector<Duration>{2s + 20ns});
  CHECK(folded->measuring_first == kWarmUp + 1s - 20ns);
  REQUIRE(folded->seconds.size() == 1);
  CHECK(folded->seconds[0].received == 0);  // it came in the drain
}

TEST_CASE("a round without events folds to nothing") {
  const TempDirectory temp;
  const auto run = store_events(temp, {{{kWarmUp, 0, 1, 0, Kind::ws_init}, Phase::ramp, 0}}, 0);
  const auto folded = fold(*run, "go", 1);
  REQUIRE(folded);
  CHECK(folded->events == 0);
  CHECK(folded->seconds.empty());
  CHECK_FALSE(folded->latency.quantile(0.5));
  CHECK_FALSE(fold(*run, "nobody", 0));
}
