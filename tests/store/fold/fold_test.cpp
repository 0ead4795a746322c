#include "store/fold/fold.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "store/read/cursor.hpp"
#include "store/event/rank.hpp"
#include "store/fold/pairs.hpp"
#include "store/run/run_impl.hpp"
#include "store/run/writer.hpp"
#include "tests/store/loads.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using namespace wsbench::store;
using event::Duration;
using event::Kind;
using event::Phase;
using event::Time;
using namespace std::chrono_literals;

namespace {

const Time kBegin{1'795'000'000s};

struct Recorded {
  event::Event event;
  Phase phase;
  std::uint16_t shard;
};

/// Writes the events, each shard's in its order, in blocks of at most `block_size`.
std::unique_ptr<Run> store_events(const TempDirectory& temp, const std::vector<Recorded>& events,
                                  std::uint16_t round, std::size_t block_size = event::Block::kCapacity) {
  auto run = *Run::create(temp.path());
  auto writer = *Writer::start(*run, "go");
  std::map<std::uint16_t, std::unique_ptr<event::Block>> filling;
  std::map<std::uint16_t, std::uint32_t> numbers;
  const auto submit = [&](std::uint16_t shard) { writer->submit(std::move(filling[shard])); };
  for (const Recorded& recorded : events) {
    auto& block = filling[recorded.shard];
    if (block && (block->size() >= block_size || block->info.phase != recorded.phase)) submit(recorded.shard);
    if (!block) {
      while ((block = writer->acquire()) == nullptr) std::this_thread::yield();
      block->info = {round, recorded.phase, 0, recorded.shard, numbers[recorded.shard]++};
    }
    block->append(recorded.event);
  }
  for (const auto& [shard, block] : filling)
    if (block) submit(shard);
  REQUIRE(writer->finish());
  return run;
}

/// A made-up round: two shards, handshakes some of which fail, and messages with several of a client under
/// way that come back in any order, late, twice or never.
std::vector<Recorded> any_round(std::uint64_t seed, Duration longest_lag = 40ms) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::int64_t limit) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
  };
  std::vector<Recorded> events;
  constexpr std::uint32_t kClients = 40;
  const auto measuring = kBegin + 1s, drain = measuring + 3200ms, closing = drain + 1s;
  const auto phase_at = [&](Time time) {
    if (time < kBegin) return Phase::ramp;
    if (time < measuring) return Phase::warm_up;
    return time < drain ? Phase::measuring : time < closing ? Phase::drain : Phase::closing;
  };
  const auto record = [&](Time time, std::uint64_t value, std::uint32_t client, std::uint32_t sequence,
                          Kind kind) {
    events.push_back(
        {{time, value, client, sequence, kind}, phase_at(time), static_cast<std::uint16_t>(client % 2)});
  };
  for (std::uint32_t client = 0; client < kClients; ++client) {
    const Time init = kBegin - 1s + Duration(below(500'000'000));
    record(init, 0, client, 0, Kind::ws_init);
    if (client % 9 == 8) {
      record(init + 400ms, event::Ending{event::Reason::refused, 111}.packed(), client, 0, Kind::exit);
      continue;
    }
    record(init + Duration(below(400'000'000)), 0, client, 0, Kind::ws_onopen);
    std::uint32_t sequence = 0;
    for (Time due = kBegin + Duration(below(100'000'000)); due < drain;
         due += 10ms + Duration(below(20'000'000)), ++sequence) {
      const Duration lag(below(below(20) == 0 ? longest_lag.count() : 250'000));
      if (due + lag >= drain) break;
      record(due + lag, static_cast<std::uint64_t>(lag.count()), client, sequence, Kind::send_message);
      const Time back = due + lag + Duration(1 + below(below(10) == 0 ? 900'000'000 : 2'000'000));
      if (below(50) == 0 || back >= closing) continue;
      record(back, 0, client, sequence, Kind::recv_message);
      if (below(50) == 0) record(back + 1us, 0, client, sequence, Kind::recv_message);
    }
    record(closing + Duration(below(1'000'000)), event::Ending{event::Reason::completed, 1000}.packed(),
           client, 0, Kind::ws_onclose);
  }
  for (Time time = kBegin - 500ms; time < closing; time += 1s)
    for (const auto metric : {event::Metric::rss_bytes, event::Metric::threads})
      events.push_back({{time, static_cast<std::uint64_t>(below(1 << 30)), static_cast<std::uint32_t>(metric),
                         0, Kind::server},
                        phase_at(time),
                        0xFFFF});
  std::stable_sort(events.begin(), events.end(),
                   [](const Recorded& a, const Recorded& b) { return a.event.time < b.event.time; });
  return events;
}

/// What fold() is to find, worked out message by message with no regard to speed.
struct Reference {
  struct Message {
    Time due, sent;
    std::optional<Time> back;
    Phase phase;
  };
  std::map<std::pair<std::uint32_t, std::uint32_t>, Message> messages;
  std::map<std::uint32_t, Time> inits;
  std::vector<Duration> handshakes;
  std::map<Time, std::map<event::Metric, std::uint64_t>> samples;

  explicit Reference(const std::vector<Recorded>& events) {
    for (const auto& [event, phase, shard] : events) {
      const std::pair key(event.client, event.sequence);
      if (event.kind == Kind::send_message)
        messages[key] = {event.time - Duration(static_cast<Duration::rep>(event.value)), event.time,
                         std::nullopt, phase};
      if (event.kind == Kind::recv_message && !messages.at(key).back) messages[key].back = event.time;
      if (event.kind == Kind::ws_init) inits[event.client] = event.time;
      if (event.kind == Kind::ws_onopen) handshakes.push_back(event.time - inits.at(event.client));
      if (event.kind == Kind::server)
        samples[event.time][static_cast<event::Metric>(event.client)] = event.value;
    }
  }

  /// Of the messages whose send was in the phase; `value` gives none for those that it does not apply to.
  template <typename Value>
  std::vector<Duration> values(Value&& value, Phase phase = Phase::measuring) const {
    std::vector<Duration> found;
    for (const auto& [key, message] : messages)
      if (const std::optional<Duration> one = value(message); one && message.phase == phase)
        found.push_back(*one);
    std::sort(found.begin(), found.end());
    return found;
  }
};

std::optional<Duration> latency(const Reference::Message& message) {
  if (!message.back) return std::nullopt;
  return *message.back - message.due;
}
std::optional<Duration> service_time(const Reference::Message& message) {
  if (!message.back) return std::nullopt;
  return *message.back - message.sent;
}
std::optional<Duration> lag(const Reference::Message& message) {
  return message.sent - message.due;
}

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
  CHECK(folded->ended[static_cast<std::size_t>(event::Reason::completed)] == folded->established);
  auto handshakes = reference.handshakes;
  std::sort(handshakes.begin(), handshakes.end());
  CHECK(folded->handshake.sorted() == handshakes);

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
                                {{{kBegin, 10, 1, 0, Kind::send_message}, Phase::warm_up, 0},
                                 {{kBegin + 1s, 20, 1, 1, Kind::send_message}, Phase::measuring, 0},
                                 {{kBegin + 2s, 0, 1, 0, Kind::recv_message}, Phase::measuring, 0},
                                 {{kBegin + 3s, 0, 1, 1, Kind::recv_message}, Phase::drain, 0}},
                                0);
  const auto folded = fold(*run, "go", 0);
  REQUIRE(folded);
  CHECK(folded->warm_up_sent == 1);
  CHECK(folded->warm_up_received == 1);
  CHECK(folded->sent == 1);
  CHECK(folded->latency.sorted() == std::vector<Duration>{2s + 20ns});
  CHECK(folded->measuring_first == kBegin + 1s - 20ns);
  REQUIRE(folded->seconds.size() == 1);
  CHECK(folded->seconds[0].received == 0);  // it came in the drain
}

TEST_CASE("a round without events folds to nothing") {
  const TempDirectory temp;
  const auto run = store_events(temp, {{{kBegin, 0, 1, 0, Kind::ws_init}, Phase::ramp, 0}}, 0);
  const auto folded = fold(*run, "go", 1);
  REQUIRE(folded);
  CHECK(folded->events == 0);
  CHECK(folded->seconds.empty());
  CHECK_FALSE(folded->latency.quantile(0.5));
  CHECK_FALSE(fold(*run, "nobody", 0));
}
