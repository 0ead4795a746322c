#include "client/load.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/client/collecting_sink.hpp"
#include "tests/client/server.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::Arrivals;
using client::Load;
using client::Mode;
using client::Plan;
using client::Snapshot;
using client::Summary;
using client::testing::CollectingSink;
using client::testing::Peer;
using client::testing::Server;
using event::Ending;
using event::Event;
using event::Kind;
using event::Phase;
using event::Reason;
using event::Time;

namespace {

void echo(Peer& peer) {
  client::testing::echo(peer);
}

Plan plan_for(const Server& server) {
  Plan plan;
  plan.target = server.target();
  plan.clients = 10;
  plan.measuring = 500ms;
  plan.interval = 50ms;
  plan.connect_timeout = 5s;  // The limits are met only when something is wrong, or the machine very busy.
  plan.drain_limit = 5s;
  plan.close_limit = 5s;
  return plan;
}

Summary run(const Plan& plan, CollectingSink& sink) {
  auto load = Load::start(plan, sink);
  REQUIRE(load);
  REQUIRE((*load)->wait_for(20s));
  return (*load)->wait();
}

std::size_t ended(const Summary& summary, Reason reason) {
  return summary.totals.ended[static_cast<std::size_t>(reason)];
}

Time due_of(const Event& send) {
  return send.time - std::chrono::nanoseconds{static_cast<std::int64_t>(send.value)};
}

/// Every client's events by kind: that each began once, opened once and ended once, and that echoes pair with
/// sends.
void check_histories(const CollectingSink& sink, std::uint32_t clients) {
  std::map<std::uint32_t, std::map<Kind, int>> counts;
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> unanswered;
  std::map<std::uint32_t, Time> last;
  for (const auto& [info, event] : sink.all()) {
    ++counts[event.client][event.kind];
    REQUIRE(event.time >= last[event.client]);
    last[event.client] = event.time;
    if (event.kind == Kind::send_message) ++unanswered[{event.client, event.sequence}];
    if (event.kind == Kind::recv_message) --unanswered[{event.client, event.sequence}];
  }
  CHECK(counts.size() == clients);
  for (const auto& [id, of] : counts) {
    CHECK(of.at(Kind::ws_init) == 1);
    CHECK(of.at(Kind::ws_onopen) == 1);
    CHECK(of.at(Kind::ws_onclose) == 1);
    CHECK(of.count(Kind::exit) == 0);
  }
  for (const auto& [message, left] : unanswered) REQUIRE(left == 0);
}

}  // namespace

TEST_CASE("an open loop sends what the schedule has, and every message comes back") {
  const Server server(echo);
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
  const Server server(echo);
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
  plan.drain_limit = 3s;
  const Summary summary = run(plan, sink);
  CHECK(summary.totals.measured_sent == 12);
  CHECK(summary.totals.measured_received == 12);
  // Echoes come 120 ms apart, messages fall due 50 ms apart: the sixth has waited for five others.
  CHECK(summary.totals.latency.max() >= 450ms);
  CHECK(*summary.totals.lag.quantile(0.5) < 50ms);
  const auto received = sink.of(Kind::recv_message);
  CHECK(std::any_of(received.begin(), received.end(),
                    [](const auto& recorded) { return recorded.info.phase == Phase::drain; }));
}

TEST_CASE("messages fall due by the exponential distribution when told so") {
  const Server server(echo);
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
  const Server server(echo);
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
  const Server server(echo);
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
  const Server server(echo);
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

TEST_CASE("the ramp begins one connection at a time") {
  const Server server(echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.ramp_per_second = 50;
  plan.threads = 2;
  plan.measuring = 50ms;
  auto load = Load::start(plan, sink);
  REQUIRE(load);
  const Snapshot ramping = (*load)->snapshot();
  REQUIRE(ramping.phase == Phase::ramp);
  const Summary summary = (*load)->wait();
  for (const auto& [info, event] : sink.of(Kind::ws_init)) {
    CHECK(event.time >= ramping.phase_began + event.client * 20ms);
  }
  CHECK(summary.measuring_began >= ramping.phase_began + 180ms);
}

TEST_CASE("shards share the clients and switch phase together") {
  const Server server(echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.clients = 25;
  plan.threads = 3;
  plan.cpus = {0};
  plan.warm_up = 100ms;
  const Summary summary = run(plan, sink);
  CHECK(summary.totals.measured_received == 250);
  REQUIRE(summary.shards.size() == 3);
  for (const client::ShardUse& use : summary.shards) {
    CHECK(use.cpu > 0ns);
    CHECK(use.cpu < use.wall);
    CHECK(use.wall >= plan.measuring);
    CHECK(use.wall < plan.measuring + 100ms);
  }
  for (const auto& [info, event] : sink.all()) {
    REQUIRE(event.client % 3 == info.shard);
    if (info.phase == Phase::measuring) REQUIRE(event.time >= summary.measuring_began);
  }
  check_histories(sink, 25);
}

TEST_CASE("clients connect from the source addresses in turn") {
  const Server server(echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.source_addresses = {"127.0.0.2", "127.0.0.3"};
  plan.measuring = 50ms;
  const Summary summary = run(plan, sink);
  CHECK(summary.totals.established == 10);
  CHECK(server.sources() == std::set<std::string>{"127.0.0.2", "127.0.0.3"});
}

TEST_CASE("a load that cannot begin says why") {
  const Server server(echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  std::string expected;
  SECTION("a source address that is none") {
    plan.source_addresses = {"127.0.0.2", "not-an-address"};
    expected = "not-an-address";
  }
  SECTION("a source address of another machine") {
    plan.source_addresses = {"192.0.2.1"};
    expected = "192.0.2.1";
  }
  SECTION("a host that is none") {
    plan.target.host = "host.invalid";
    expected = "host.invalid";
  }
  SECTION("a CPU that is none") {
    plan.threads = 2;
    plan.cpus = {0, 100000};
    expected = "CPU 100000";
  }
  const auto load = Load::start(plan, sink);
  REQUIRE_FALSE(load);
  CHECK_THAT(load.error().message, Catch::Contains(expected));
  CHECK(sink.all().empty());
}

TEST_CASE("stop ends a load midway, cleanly") {
  const Server server(echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.mode = GENERATE(Mode::open, Mode::closed);
  plan.threads = 2;
  plan.measuring = 60s;
  auto load = Load::start(plan, sink);
  REQUIRE(load);
  while ((*load)->snapshot().measured_received < 20) std::this_thread::sleep_for(5ms);
  (*load)->stop();
  REQUIRE((*load)->wait_for(2s));
  CHECK((*load)->finished());
  const Summary summary = (*load)->wait();
  CHECK(summary.stopped_early);
  CHECK(ended(summary, Reason::completed) == 10);
  CHECK(summary.measuring_ended < summary.ended);
  CHECK(summary.measuring_ended - summary.measuring_began < 30s);
  for (const client::ShardUse& use : summary.shards) CHECK(use.wall > 0ns);
}

TEST_CASE("a load that is destroyed without a wait stops, and its blocks are submitted") {
  const Server server(echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.measuring = 60s;
  const auto began = std::chrono::steady_clock::now();
  {
    auto load = Load::start(plan, sink);
    REQUIRE(load);
    while ((*load)->snapshot().established < 10) std::this_thread::sleep_for(5ms);
  }
  CHECK(std::chrono::steady_clock::now() - began < 5s);
  CHECK(sink.of(Kind::ws_onclose).size() == 10);
}

TEST_CASE("a load whose clients have all ended is over at once") {
  const Server server([](Peer& peer) {
    peer.shake_hands();
    peer.read_frame();
    peer.close();
  });
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.measuring = 60s;
  auto load = Load::start(plan, sink);
  REQUIRE(load);
  REQUIRE((*load)->wait_for(5s));
  const Summary summary = (*load)->wait();
  CHECK(summary.stopped_early);
  CHECK(ended(summary, Reason::end_of_stream) == 10);
}

TEST_CASE("a load that no server answers ends after its ramp") {
  CollectingSink sink;
  Plan plan;
  plan.target = {"127.0.0.1", client::testing::unused_port(), "/"};
  plan.clients = 20;
  const Summary summary = run(plan, sink);
  CHECK(summary.stopped_early);
  CHECK(summary.measuring_began == Time{});
  CHECK(ended(summary, Reason::refused) == 20);
  CHECK(sink.of(Kind::ws_init).size() == 20);
  CHECK(sink.of(Kind::exit).size() == 20);
}

TEST_CASE("events that the sink has no block for are counted, and the load goes on") {
  const Server server(echo);
  CollectingSink sink(1);
  const Summary summary = run(plan_for(server), sink);
  CHECK(summary.totals.measured_received == 100);
  CHECK(summary.lost_events > 0);
  // 10 clients with beginning, opening and end, and 100 messages sent and received
  CHECK(sink.all().size() + summary.lost_events == 230);
}

TEST_CASE("snapshots only ever grow, and the last one is exact") {
  const Server server(echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.threads = 2;
  plan.warm_up = 100ms;
  auto load = Load::start(plan, sink);
  REQUIRE(load);
  Snapshot last;
  int snapshots = 0;
  while (!(*load)->finished()) {
    const Snapshot next = (*load)->snapshot();
    REQUIRE(next.phase >= last.phase);
    REQUIRE(next.phase_began >= last.phase_began);
    REQUIRE(next.attempted >= last.attempted);
    REQUIRE(next.established >= last.established);
    REQUIRE(next.sent >= last.sent);
    REQUIRE(next.received >= last.received);
    REQUIRE(next.measured_received >= last.measured_received);
    REQUIRE(next.latency.count() == next.measured_received);
    REQUIRE(next.lag.count() == next.measured_sent);
    REQUIRE(next.received <= next.sent);
    last = next;
    ++snapshots;
    std::this_thread::sleep_for(2ms);
  }
  CHECK(snapshots > 1);
  const Summary summary = (*load)->wait();
  CHECK(summary.totals.measured_received == 100);
  CHECK(summary.totals.sent == sink.of(Kind::send_message).size());
}

TEST_CASE("large payloads and fragmented echoes are verified like small ones") {
  const Server server([](Peer& peer) {
    peer.shake_hands();
    int unanswered_pings = 0;
    for (;;) {
      const auto frame = peer.read_frame();
      if (frame.opcode == 10) {
        --unanswered_pings;
        continue;
      }
      if (frame.opcode == 8) {
        if (unanswered_pings != 0) throw std::runtime_error("a ping was not answered");
        return peer.write_frame(8, frame.payload);
      }
      ++unanswered_pings;
      const std::string_view payload = frame.payload;
      peer.write_frame(1, payload.substr(0, 10), false);
      peer.write_frame(9, "between");
      peer.write_frame(0, payload.substr(10), true);
    }
  });
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.clients = 2;
  plan.payload_bytes = 100000;
  const Summary summary = run(plan, sink);
  CHECK(server.failure().empty());
  CHECK(summary.totals.measured_received == 20);
  CHECK(ended(summary, Reason::completed) == 2);
}
