#include "tests/store/fold/rounds.hpp"

#include <iterator>
#include <random>
#include <thread>

#include <catch2/catch.hpp>

#include "store/run/writer.hpp"

namespace wsbench::store::rounds {

using event::Kind;
using namespace std::chrono_literals;

std::unique_ptr<Run> store_events(const TempDirectory& temp, const std::vector<Recorded>& events,
                                  std::uint16_t round, std::size_t block_size) {
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

namespace {

Phase phase_at(Time time) {
  if (time < kWarmUp) return Phase::ramp;
  if (time < kMeasuring) return Phase::warm_up;
  return time < kDrain ? Phase::measuring : time < kClosing ? Phase::drain : Phase::closing;
}

class Maker {
 public:
  Maker(std::uint64_t seed, Duration longest_lag) : random_(seed), longest_lag_(longest_lag) {}

  std::vector<Recorded> make() {
    for (const Time began : {kWarmUp, kMeasuring, kDrain, kClosing})
      for (std::uint16_t shard = 0; shard < 2; ++shard)
        events_.push_back({{began, 0, event::kNobody, 0, Kind::phase_began}, phase_at(began), shard});
    for (std::uint32_t client = 0; client < 40; ++client) live(client);
    for (Time time = kWarmUp - 500ms; time < kClosing; time += 1s)
      for (const auto metric : {event::Metric::rss_bytes, event::Metric::threads})
        events_.push_back({{time, static_cast<std::uint64_t>(below(1 << 30)),
                            static_cast<std::uint32_t>(metric), 0, Kind::server},
                           phase_at(time),
                           0xFFFF});
    std::stable_sort(events_.begin(), events_.end(),
                     [](const Recorded& a, const Recorded& b) { return a.event.time < b.event.time; });
    mark_reordered();
    return std::move(events_);
  }

 private:
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
  }
  bool one_in(std::int64_t many) { return below(many) == 0; }

  void record(Time time, std::uint64_t value, std::uint32_t client, std::uint32_t sequence, Kind kind) {
    events_.push_back(
        {{time, value, client, sequence, kind}, phase_at(time), static_cast<std::uint16_t>(client % 2)});
  }

  void live(std::uint32_t client) {
    const Time init = kWarmUp - 1s + Duration(below(500'000'000));
    record(init, 0, client, 0, Kind::ws_init);
    if (client % 9 == 8) {
      record(init + 400ms, event::Ending{event::Reason::refused, 111}.packed(), client, 0, Kind::exit);
      leave_unsent(client, event::NotSent::not_connected);
      return;
    }
    record(init + Duration(below(400'000'000)), 0, client, 0, Kind::ws_onopen);
    const bool ends_early = client % 7 == 6;
    const Time end =
        ends_early ? kWarmUp + Duration(below(5'000'000'000)) : kClosing + Duration(below(1'000'000));
    // Some are answered no more from some time on.
    const Time mute = client % 13 == 12 ? kWarmUp + Duration(below(4'000'000'000)) : Time::max();
    converse(client, end, mute);
    const auto reason = ends_early ? event::Reason::reset : event::Reason::completed;
    record(end, event::Ending{reason, 1000}.packed(), client, 0, ends_early ? Kind::exit : Kind::ws_onclose);
    if (ends_early) leave_unsent(client, event::NotSent::ended);
  }

  void converse(std::uint32_t client, Time end, Time mute) {
    std::uint32_t sequence = 0;
    Time last{};  // A client sends in the order of its messages.
    for (Time due = kWarmUp + Duration(below(100'000'000)); due < kDrain;
         due += 10ms + Duration(below(20'000'000)), ++sequence) {
      const Time sent = std::max(last, due + Duration(below(one_in(20) ? longest_lag_.count() : 250'000)));
      const Duration lag = sent - due;
      last = sent;
      if (sent >= std::min(kDrain, end)) break;
      record(sent, static_cast<std::uint64_t>(lag.count()), client, sequence, Kind::send_message);
      const Time back = sent + Duration(1 + below(one_in(10) ? 900'000'000 : 2'000'000));
      if (one_in(50) || back >= std::min(kClosing, end) || back >= mute) continue;
      record(back, 0, client, sequence, one_in(40) ? Kind::altered_echo : Kind::recv_message);
      if (one_in(8)) record_read_lag(back, client);
      if (one_in(50) && back + 1us < end) record(back + 1us, 0, client, sequence, Kind::duplicate_echo);
      if (one_in(60) && back + 2us < end) record(back + 2us, 0, client, 0, Kind::foreign_message);
    }
  }

  void record_read_lag(Time time, std::uint32_t client) {
    const event::ReadLag lag{Duration(below(3'000'000)), Duration(below(1'000'000))};
    record(time, lag.value(), client, lag.sequence(), Kind::read_lag);
  }

  void leave_unsent(std::uint32_t client, event::NotSent reason) {
    const event::Unsent unsent{reason, static_cast<std::uint64_t>(1 + below(300))};
    record(kClosing, unsent.packed(), client, 0, Kind::not_sent);
  }

  /// As a client sees it: a later message's echo has come before.
  void mark_reordered() {
    std::map<std::uint32_t, std::uint32_t> latest;
    for (auto& [event, phase, shard] : events_) {
      if (event.kind != Kind::recv_message && event.kind != Kind::altered_echo) continue;
      auto& last = latest.try_emplace(event.client, event.sequence).first->second;
      if (event.kind == Kind::recv_message && event.sequence < last) event.value = event::kReordered;
      last = std::max(last, event.sequence);
    }
  }

  std::mt19937_64 random_;
  Duration longest_lag_;
  std::vector<Recorded> events_;
};

/// From `begin` to `end`, as far as that is in the measuring phase.
double part_of(Time begin, Time end) {
  const Duration length = std::min(end, kDrain) - std::max(begin, kMeasuring);
  return std::chrono::duration<double>(std::max(length, Duration{0})) / (kDrain - kMeasuring);
}

}  // namespace

std::vector<Recorded> any_round(std::uint64_t seed, Duration longest_lag) {
  return Maker(seed, longest_lag).make();
}

Reference::Reference(const std::vector<Recorded>& events) {
  for (const auto& [event, phase, shard] : events) {
    const std::pair key(event.client, event.sequence);
    const bool counts = phase >= Phase::measuring;
    switch (event.kind) {
      case Kind::send_message:
        messages[key] = {
            event.time - Duration(static_cast<Duration::rep>(event.value)), event.time, {}, {}, phase};
        break;
      case Kind::recv_message:
        messages.at(key).back = event.time;
        received_in_window += event.time >= kMeasuring && event.time < kDrain;
        reordered += event.value == event::kReordered && messages.at(key).phase == Phase::measuring;
        break;
      case Kind::altered_echo:
        messages.at(key).altered = event.time;
        break;
      case Kind::duplicate_echo:
        duplicated += counts;
        break;
      case Kind::foreign_message:
        foreign += counts;
        break;
      case Kind::not_sent:
        not_sent[event::Unsent::unpack(event.value).reason] += event::Unsent::unpack(event.value).messages;
        break;
      case Kind::ws_init:
        inits[event.client] = event.time;
        break;
      case Kind::ws_onopen:
        opened[event.client] = event.time;
        handshakes.push_back(event.time - inits.at(event.client));
        break;
      case Kind::ws_onclose:
      case Kind::exit:
        ended[event.client] = event.time;
        break;
      case Kind::server:
        samples[event.time][static_cast<event::Metric>(event.client)] = event.value;
        break;
      case Kind::read_lag:
        if (phase != Phase::measuring && phase != Phase::drain) break;
        read_lags.push_back(event::ReadLag::unpack(event.value, event.sequence));
        break;
      case Kind::phase_began:
      case Kind::instrument:
        break;
    }
  }
  std::sort(handshakes.begin(), handshakes.end());
}

Reference::Means Reference::means() const {
  Means means;
  for (const auto& [key, message] : messages) {
    if (message.phase != Phase::measuring) continue;
    const Time given_up = message.altered.value_or(ended.at(key.first));
    // From when it was due, even if that was before the phase.
    const double before = part_of(kMeasuring, kMeasuring + (kMeasuring - std::min(message.due, kMeasuring)));
    const double part = part_of(message.due, message.back.value_or(given_up)) + before;
    means.under_way += part;
    if (!message.back) means.in_vain += part;
  }
  for (const auto& [client, time] : opened) means.connected += part_of(time, ended.at(client));
  return means;
}

std::set<std::uint32_t> Reference::waiting_longer_than(Duration limit) const {
  std::set<std::uint32_t> found;
  for (const auto& [key, message] : messages) {
    const bool waits = message.phase == Phase::measuring && !message.back && !message.altered &&
                       ended.at(key.first) >= kClosing;
    if (waits && kClosing - message.due > limit) found.insert(key.first);
  }
  return found;
}

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
std::optional<Duration> vain(const Reference::Message& message) {
  if (message.back) return std::nullopt;
  return kClosing - message.due;
}

}  // namespace wsbench::store::rounds
