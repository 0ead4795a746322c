#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "client/load/load.hpp"
#include "tests/client/load/loads.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::Arrivals;
using client::Mode;
using client::Plan;
using client::Summary;
using client::testing::check_histories;
using client::testing::CollectingSink;
using client::testing::due_of;
using client::testing::ended;
using client::testing::honest_echo;
using client::testing::Peer;
using client::testing::plan_for;
using client::testing::run;
using client::testing::Server;
using event::Kind;
using event::Phase;
using event::Reason;
using event::Time;

TEST_CASE("an open loop sends what the schedule has, and every message comes back") {
  const Server server(honest_echo);
  CollectingSink sink;
  const Plan plan = plan_for(server);
  const Summary summary = run(plan, sink);
  CHECK(server.failure().empty());
  CHECK(summary.totals.attempted == 10);
  CHECK(summary.totals.established == 10);
  CHECK(summary.totals.open == 0);
  CHECK(ended(summary, Reason::completed) == 10);
  CHECK(summary.totals.measured_sent == 100);  // 10 clients, 10 intervals
  CHECK(summary.totals.measured_received == 100);
  CHECK(summary.totals.latency.count() == 100);
  CHECK(summary.totals.lag.count() == 100);
  CHECK(summary.lost_events == 0);
  CHECK_FALSE(summary.stopped_early);
  CHECK(summary.measuring_ended - summary.measuring_began == plan.measuring);
  CHECK(summary.began < summary.measuring_began);
  CHECK(summary.measuring_ended < summary.ended);
  CHECK(sink.of(Kind::send_message).size() == 100);
  check_histories(sink, 10);
}

TEST_CASE("due times are spaced exactly, lie in the measuring phase, and nothing is sent before it is due") {
  const Server server(honest_echo);
  CollectingSink sink;
  const Plan plan = plan_for(server);
  const Summary summary = run(plan, sink);
  std::map<std::uint32_t, std::vector<Time>> dues;
  for (const auto& [info, event] : sink.of(Kind::send_message)) {
    const Time due = due_of(event);
    CHECK(info.phase == Phase::measuring);
    CHECK(event.time >= due);
    CHECK(due >= summary.measuring_began);
    CHECK(due < summary.measuring_ended);
    dues[event.client].push_back(due);
  }
  CHECK(dues.size() == 10);
  for (const auto& [id, times] : dues) {
    for (std::size_t i = 1; i < times.size(); ++i) REQUIRE(times[i] - times[i - 1] == plan.interval);
  }
}

TEST_CASE("an open loop sends on while the server is late, and tells the wait from when messages were due") {
  const Server server([](Peer& peer) {
    client::testing::Flaws flaws;
    flaws.delay = 120ms;
    client::testing::echo(peer, flaws);
  });
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.clients = 2;
  plan.measuring = 300ms;
  plan.drain_limit = 15s;
  const Summary summary = run(plan, sink);
  CHECK(summary.totals.measured_sent == 12);
  CHECK(summary.totals.measured_received == 12);
  // Echoes come 120 ms apart, messages fall due 50 ms apart: the sixth has waited for five others.
  CHECK(summary.totals.latency.max() >= 450ms);
  CHECK(*summary.totals.lag.quantile(0.5) < *summary.totals.latency.quantile(0.5) / 2);
  const auto received = sink.of(Kind::recv_message);
  CHECK(std::any_of(received.begin(), received.end(),
                    [](const auto& recorded) { return recorded.info.phase == Phase::drain; }));
}

TEST_CASE("messages fall due by the exponential distribution when told so") {
  const Server server(honest_echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.clients = 20;
  plan.arrivals = Arrivals::exponential;
  plan.interval = 10ms;
  const Summary summary = run(plan, sink);
  CHECK(static_cast<double>(summary.totals.measured_sent) == Approx(1000).epsilon(0.15));
  CHECK(summary.totals.measured_received == summary.totals.measured_sent);
}

TEST_CASE("a closed loop has never more than one message of a client under way") {
  const Server server(honest_echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.mode = Mode::closed;
  plan.measuring = 300ms;
  const Summary summary = run(plan, sink);
  CHECK(summary.totals.measured_sent > 100);
  CHECK(summary.totals.measured_received == summary.totals.measured_sent);
  std::map<std::uint32_t, int> under_way;
  std::map<std::uint32_t, Time> received;
  for (const auto& [info, event] : sink.all()) {
    if (event.kind == Kind::send_message) {
      REQUIRE(++under_way[event.client] == 1);
      if (event.sequence > 0) REQUIRE(due_of(event) == received[event.client]);
    } else if (event.kind == Kind::recv_message) {
      --under_way[event.client];
      received[event.client] = event.time;
    }
  }
  check_histories(sink, 10);
}

TEST_CASE("warm-up messages are recorded as such and not counted as measured") {
  const Server server(honest_echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.mode = GENERATE(Mode::open, Mode::closed);
  plan.warm_up = 200ms;
  plan.measuring = 200ms;
  const Summary summary = run(plan, sink);
  std::size_t warm_up = 0;
  std::size_t measured = 0;
  for (const auto& [info, event] : sink.of(Kind::send_message)) {
    warm_up += info.phase == Phase::warm_up;
    measured += info.phase == Phase::measuring;
  }
  CHECK(warm_up > 0);
  CHECK(measured == summary.totals.measured_sent);
  CHECK(warm_up + measured == summary.totals.sent);
  CHECK(summary.totals.latency.count() == measured);
  CHECK(summary.backlog_at_start == 0);
  check_histories(sink, 10);
}

TEST_CASE("warm-up messages that are still unanswered when measuring begins are told as backlog") {
  const Server server([](Peer& peer) {
    peer.shake_hands();
    for (;;) {
      const auto frame = peer.read_frame();  // Never an echo.
      if (frame.opcode == 8) return peer.write_frame(8, frame.payload);
    }
  });
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.clients = 3;
  plan.warm_up = 100ms;
  plan.measuring = 100ms;
  plan.drain_limit = 50ms;
  const Summary summary = run(plan, sink);
  CHECK(summary.backlog_at_start == 6);
  CHECK(summary.totals.measured_sent == 6);
  CHECK(summary.totals.received == 0);
  CHECK(sink.of(Kind::recv_message).empty());
  CHECK(ended(summary, Reason::completed) == 3);
}

TEST_CASE("blocks have one phase each, and the phases come in their order") {
  const Server server(honest_echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.warm_up = 100ms;
  plan.measuring = 100ms;
  plan.round = 7;
  run(plan, sink);
  Phase last = Phase::ramp;
  std::uint32_t number = 0;
  std::set<Phase> seen;
  for (const event::BlockInfo& info : sink.infos()) {
    CHECK(info.round == 7);
    CHECK(info.number == number++);
    CHECK(info.phase >= last);
    last = info.phase;
    seen.insert(last);
  }
  CHECK(seen.count(Phase::ramp) == 1);
  CHECK(seen.count(Phase::warm_up) == 1);
  CHECK(seen.count(Phase::measuring) == 1);
  CHECK(seen.count(Phase::closing) == 1);
  CHECK_FALSE(sink.empty_block_seen());
}
