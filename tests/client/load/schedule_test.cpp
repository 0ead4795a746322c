#include "client/load/schedule.hpp"

#include <chrono>
#include <map>
#include <vector>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using wsbench::client::Arrivals;
using wsbench::client::Mode;
using wsbench::client::Plan;
using wsbench::client::Schedule;
using wsbench::event::Phase;
using wsbench::event::Time;

namespace {

const Time kBegin{1000s};

/// Every due time before `end` of `clients` clients, by client.
std::map<std::uint32_t, std::vector<Time>> all_dues(const Plan& plan, std::uint32_t clients, Time end) {
  Schedule schedule(plan);
  std::vector<Schedule::Sender> senders;
  for (std::uint32_t i = 0; i < clients; ++i) senders.push_back({i, i});
  schedule.start(senders, {}, kBegin, Phase::measuring);
  std::map<std::uint32_t, std::vector<Time>> dues;
  Time last = kBegin;
  while (!schedule.empty()) {
    const Schedule::Entry entry = schedule.next();
    REQUIRE(entry.due >= last);
    last = entry.due;
    if (entry.due < end) {
      dues[entry.sender.client].push_back(entry.due);
      schedule.advance(end);
    } else {
      schedule.drop();
    }
  }
  return dues;
}

}  // namespace

TEST_CASE("uniform arrivals are exactly an interval apart, from a place within the first") {
  Plan plan;
  plan.interval = 100ms;
  for (const auto& [client, dues] : all_dues(plan, 50, kBegin + 10s)) {
    REQUIRE(dues.size() == 100);
    CHECK(dues.front() >= kBegin);
    CHECK(dues.front() < kBegin + plan.interval);
    for (std::size_t i = 1; i < dues.size(); ++i) REQUIRE(dues[i] - dues[i - 1] == plan.interval);
  }
}

TEST_CASE("the first messages of many clients are spread over the interval") {
  Plan plan;
  std::vector<int> tenths(10);
  for (const auto& [client, dues] : all_dues(plan, 10000, kBegin + 1s)) {
    ++tenths[static_cast<std::size_t>((dues.front() - kBegin) / 100ms)];
  }
  for (const int count : tenths) CHECK(count == Approx(1000).margin(150));
}

TEST_CASE("exponential gaps have the interval as mean and as standard deviation") {
  Plan plan;
  plan.arrivals = Arrivals::exponential;
  plan.interval = 10ms;
  double sum = 0;
  double squares = 0;
  double count = 0;
  for (const auto& [client, dues] : all_dues(plan, 20, kBegin + 20s)) {
    Time before = kBegin;
    for (const Time due : dues) {
      const double gap = std::chrono::duration<double, std::milli>(due - before).count();
      before = due;
      sum += gap;
      squares += gap * gap;
      ++count;
    }
  }
  const double mean = sum / count;
  CHECK(count == Approx(40000).epsilon(0.03));
  CHECK(mean == Approx(10).epsilon(0.03));
  CHECK(squares / count - mean * mean == Approx(100).epsilon(0.06));
}

TEST_CASE("a closed loop schedules one message a client, within ten milliseconds") {
  Plan plan;
  plan.mode = Mode::closed;
  for (const auto& [client, dues] : all_dues(plan, 100, kBegin + 10s)) {
    REQUIRE(dues.size() == 1);
    CHECK(dues[0] >= kBegin);
    CHECK(dues[0] < kBegin + 10ms);
  }
}

TEST_CASE("a schedule depends on the seed and the client only") {
  Plan plan;
  plan.arrivals = Arrivals::exponential;
  const auto few = all_dues(plan, 2, kBegin + 10s);
  const auto many = all_dues(plan, 100, kBegin + 10s);
  CHECK(few.at(1) == many.at(1));
  plan.seed = 2;
  CHECK(all_dues(plan, 2, kBegin + 10s).at(1) != few.at(1));
}

TEST_CASE("a client that is dropped leaves the turns of the others as they were") {
  Plan plan;
  plan.interval = 100ms;
  const auto whole = all_dues(plan, 20, kBegin + 1s);
  Schedule schedule(plan);
  std::vector<Schedule::Sender> senders;
  for (std::uint32_t i = 0; i < 20; ++i) senders.push_back({i, i});
  schedule.start(senders, {}, kBegin - 10s, Phase::warm_up);  // whatever it was, start() forgets it
  schedule.start(senders, {}, kBegin, Phase::measuring);
  std::map<std::uint32_t, std::vector<Time>> dues;
  while (!schedule.empty()) {
    const Schedule::Entry entry = schedule.next();
    CHECK(schedule.upcoming(0)->due == entry.due);
    if (const auto* after = schedule.upcoming(1)) CHECK(after->due >= entry.due);
    if (entry.sender.client % 3 == 1 && dues[entry.sender.client].size() == 4) {
      schedule.drop();
    } else {
      dues[entry.sender.client].push_back(entry.due);
      schedule.advance(kBegin + 1s);
    }
  }
  CHECK(schedule.upcoming(0) == nullptr);
  for (const auto& [client, all] : whole) {
    auto expected = all;
    if (client % 3 == 1) expected.resize(4);
    CHECK(dues[client] == expected);
  }
}

TEST_CASE("what is due is the same whether it is sent, or counted for those who cannot send") {
  Plan plan;
  plan.interval = 100ms;
  plan.mode = GENERATE(Mode::open, Mode::closed);
  plan.arrivals = GENERATE(Arrivals::uniform, Arrivals::exponential);
  constexpr std::uint32_t kClients = 30;
  const Time end = kBegin + 1234ms;
  auto whole = all_dues(plan, kClients, end);
  Schedule schedule(plan);
  std::vector<Schedule::Sender> senders, absent;
  for (std::uint32_t i = 0; i < kClients; ++i) (i % 5 == 0 ? absent : senders).push_back({i, i});
  schedule.start(senders, absent, kBegin, Phase::measuring);
  std::map<std::uint32_t, std::uint64_t> sent, counted;
  // Every third client ends after some messages, and all are stopped at half time.
  while (!schedule.empty() && schedule.next().due < kBegin + 600ms) {
    const std::uint32_t client = schedule.next().sender.client;
    if (client % 3 == 1 && sent[client] == 2) {
      schedule.drop();
    } else {
      ++sent[client];
      schedule.advance(end);
    }
  }
  schedule.count_unsent(end, [&](Schedule::Sender sender, std::uint64_t messages) {
    CHECK(messages > 0);
    CHECK(counted[sender.client] == 0);
    counted[sender.client] = messages;
  });
  for (std::uint32_t client = 0; client < kClients; ++client) {
    CAPTURE(client);
    CHECK(sent[client] + counted[client] == whole[client].size());
    if (client % 5 == 0) CHECK(sent[client] == 0);
  }
}
