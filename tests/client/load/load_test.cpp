#include "client/load/load.hpp"

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/client/load/loads.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using client::Load;
using client::Mode;
using client::Plan;
using client::Snapshot;
using client::Summary;
using client::testing::check_histories;
using client::testing::CollectingSink;
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

TEST_CASE("the ramp begins one connection at a time") {
  const Server server(honest_echo);
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
  const Server server(honest_echo);
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
  }
  for (const auto& [info, event] : sink.all()) {
    if (event.client != event::kNobody) REQUIRE(event.client % 3 == info.shard);
    if (info.phase == Phase::measuring) REQUIRE(event.time >= summary.measuring_began);
  }
  check_histories(sink, 25);
}

TEST_CASE("clients connect from the source addresses in turn") {
  const Server server(honest_echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.source_addresses = {"127.0.0.2", "127.0.0.3"};
  plan.measuring = 50ms;
  const Summary summary = run(plan, sink);
  CHECK(summary.totals.established == 10);
  CHECK(server.sources() == std::set<std::string>{"127.0.0.2", "127.0.0.3"});
}

TEST_CASE("a load that cannot begin says why") {
  const Server server(honest_echo);
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

TEST_CASE("a load runs on the transport that was asked for, and tells which it was") {
  const Server server(honest_echo);
  CollectingSink sink;
  const Plan plan = plan_for(server);
  const Summary summary = run(plan, sink);
  CHECK(summary.transport == client::transport::resolved(plan.transport));
  CHECK(summary.transport != client::transport::Kind::automatic);
}

TEST_CASE("stop ends a load midway, cleanly") {
  const Server server(honest_echo);
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
  const Server server(honest_echo);
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
  plan.transport = client::testing::transport_under_test();
  const Summary summary = run(plan, sink);
  CHECK(summary.stopped_early);
  CHECK(summary.measuring_began == Time{});
  CHECK(ended(summary, Reason::refused) == 20);
  CHECK(sink.of(Kind::ws_init).size() == 20);
  CHECK(sink.of(Kind::exit).size() == 20);
}

TEST_CASE("events that the sink has no block for are counted, and the load goes on") {
  const Server server(honest_echo);
  CollectingSink sink(1);
  const Summary summary = run(plan_for(server), sink);
  CHECK(summary.totals.measured_received == 100);
  CHECK(summary.lost_events > 0);
  // 10 clients with beginning, opening and end, 100 messages sent, received and sampled, the begin of three
  // phases, and what the shard samples of itself
  CHECK(sink.all().size() + summary.lost_events >= 333);
  CHECK(sink.all().size() + summary.lost_events < 400);
}

TEST_CASE("snapshots only ever grow, and the last one is exact") {
  const Server server(honest_echo);
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
