#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "client/load/load.hpp"
#include "client/load/schedule.hpp"
#include "tests/client/load/loads.hpp"

// Every message that falls due in the measuring phase is sent, or told not to have been, and why.

using namespace std::chrono_literals;
using namespace wsbench;
using client::Arrivals;
using client::Load;
using client::Mode;
using client::Plan;
using client::Schedule;
using client::Summary;
using client::testing::CollectingSink;
using client::testing::due_of;
using client::testing::honest_echo;
using client::testing::Peer;
using client::testing::plan_for;
using client::testing::run;
using client::testing::Server;
using event::Kind;
using event::NotSent;
using event::Phase;
using event::Reason;
using event::Time;
using event::Unsent;

namespace {

/// By client: how many messages the plan's schedule has in the measuring phase, worked out anew. When a load
/// is stopped, a shard sends until it hears of that, and what it has sent was due.
std::map<std::uint32_t, std::uint64_t> due_by_client(const Plan& plan, const Summary& summary,
                                                     const CollectingSink& sink) {
  std::map<std::uint32_t, Time> last_sent;
  for (const auto& [info, event] : sink.of(Kind::send_message)) last_sent[event.client] = due_of(event);
  std::map<std::uint32_t, std::uint64_t> due;
  for (std::uint32_t id = 0; id < plan.clients; ++id) {
    const Time end = std::max(summary.measuring_ended, last_sent[id] + 1ns);
    Schedule schedule(plan);
    schedule.start({{id, id}}, {}, summary.measuring_began, Phase::measuring);
    for (; !schedule.empty() && schedule.next().due < end; schedule.advance(end)) ++due[id];
  }
  return due;
}

std::map<std::uint32_t, std::uint64_t> sent_by_client(const CollectingSink& sink) {
  std::map<std::uint32_t, std::uint64_t> sent;
  for (const auto& [info, event] : sink.of(Kind::send_message))
    sent[event.client] += info.phase == Phase::measuring;
  return sent;
}

using Reasons = std::map<NotSent, std::uint64_t>;

std::map<std::uint32_t, Reasons> unsent_by_client(const CollectingSink& sink) {
  std::map<std::uint32_t, Reasons> found;
  for (const auto& [info, event] : sink.of(Kind::not_sent)) {
    const Unsent unsent = Unsent::unpack(event.value);
    found[event.client][unsent.reason] += unsent.messages;
  }
  return found;
}

/// Sent and not sent make what was due, of each client; tells the latter by reason.
Reasons check_all_accounted_for(const Plan& plan, const Summary& summary, const CollectingSink& sink) {
  const auto due = due_by_client(plan, summary, sink);
  auto sent = sent_by_client(sink);
  auto unsent = unsent_by_client(sink);
  Reasons sum;
  for (const auto& [client, messages] : due) {
    std::uint64_t not_sent = 0;
    for (const auto& [reason, count] : unsent[client]) {
      not_sent += count;
      sum[reason] += count;
    }
    CAPTURE(client);
    CHECK(sent[client] + not_sent == messages);
  }
  return sum;
}

}  // namespace

TEST_CASE("what falls due for clients whose handshake was rejected is counted") {
  std::atomic<int> connections{0};
  const Server server([&](Peer& peer) {
    if (++connections % 3 != 0) return honest_echo(peer);
    peer.read_request();
    peer.write("HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n");
  });
  Plan plan = plan_for(server);
  plan.arrivals = GENERATE(Arrivals::uniform, Arrivals::exponential);
  plan.threads = GENERATE(1U, 3U);
  plan.warm_up = GENERATE(0ms, 100ms);
  plan.clients = 12;
  plan.interval = 20ms;
  plan.drain_limit = 200ms;
  CollectingSink sink;
  const Summary summary = run(plan, sink);
  CHECK(summary.totals.established == 8);
  const Reasons reasons = check_all_accounted_for(plan, summary, sink);
  CHECK(reasons.size() == 1);
  CHECK(reasons.at(NotSent::not_connected) > 0);
  // 500 ms, a message each every 20
  if (plan.arrivals == Arrivals::uniform) CHECK(reasons.at(NotSent::not_connected) == 4 * 25);
}

TEST_CASE("what falls due for a client that the server has closed is counted to the end of the phase") {
  const Server server([](Peer& peer) {
    peer.shake_hands();
    for (int number = 0;; ++number) {
      const auto frame = peer.read_frame();
      if (frame.opcode == 8) return peer.write_frame(8, frame.payload);
      peer.write_frame(1, frame.payload);
      // The low digit of the client's number in base 64: A is 0, E is 4.
      if (frame.payload[3] <= 'D' && number == 4) return peer.write_frame(8, "\x03\xE8");
    }
  });
  Plan plan = plan_for(server);
  plan.arrivals = GENERATE(Arrivals::uniform, Arrivals::exponential);
  CollectingSink sink;
  const Summary summary = run(plan, sink);
  CHECK(client::testing::ended(summary, Reason::normal) == 4);
  const Reasons reasons = check_all_accounted_for(plan, summary, sink);
  CHECK(reasons.size() == 1);
  // Ten messages each, of which the first five were answered; one more may have gone before the close came.
  if (plan.arrivals == Arrivals::uniform) CHECK(reasons.at(NotSent::ended) == 4 * 5);
}

TEST_CASE("a closed loop's clients that cannot send have one message each that was due") {
  const Server server([](Peer& peer) {
    peer.shake_hands();
    for (;;) {
      const auto frame = peer.read_frame();
      if (frame.opcode == 8) return peer.write_frame(8, frame.payload);
      if (frame.payload[3] <= 'D') return peer.write_frame(8, "\x03\xE8");  // clients 0 to 3, at once
      peer.write_frame(1, frame.payload);
    }
  });
  Plan plan = plan_for(server);
  plan.mode = Mode::closed;
  plan.warm_up = 100ms;
  plan.measuring = 200ms;
  CollectingSink sink;
  run(plan, sink);
  const auto unsent = unsent_by_client(sink);
  CHECK(unsent.size() == 4);
  for (const auto& [client, reasons] : unsent) {
    CHECK(client < 4);
    CHECK(reasons == Reasons{{NotSent::ended, 1}});
  }
}

TEST_CASE("a load whose clients have all ended counts what fell due until it was over") {
  const Server server([](Peer& peer) {
    peer.shake_hands();
    peer.read_frame();
    peer.close();
  });
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.threads = 2;
  plan.measuring = 60s;
  const Summary summary = run(plan, sink);
  CHECK(summary.stopped_early);
  CHECK(summary.measuring_ended - summary.measuring_began < 10s);
  check_all_accounted_for(plan, summary, sink);
}

TEST_CASE("a load that is stopped has nothing due after that") {
  const Server server(honest_echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.threads = 2;
  plan.interval = 2ms;
  plan.measuring = 60s;
  auto load = Load::start(plan, sink);
  REQUIRE(load);
  while ((*load)->snapshot().measured_received < 500) std::this_thread::sleep_for(5ms);
  (*load)->stop();
  const Summary summary = (*load)->wait();
  const Reasons reasons = check_all_accounted_for(plan, summary, sink);
  for (const auto& [reason, messages] : reasons) CHECK(reason == NotSent::stopped);
}

TEST_CASE("the message at which a client is given up, and those after it, are told") {
  std::atomic<bool> over{false};
  const Server server([&](Peer& peer) {
    peer.shake_hands();
    while (!over) std::this_thread::sleep_for(5ms);
  });
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.clients = 2;
  plan.payload_bytes = 200000;
  plan.interval = 2ms;
  plan.drain_limit = 50ms;
  const Summary summary = run(plan, sink);
  over = true;
  CHECK(client::testing::ended(summary, Reason::send_queue_full) == 2);
  const Reasons reasons = check_all_accounted_for(plan, summary, sink);
  CHECK(reasons.at(NotSent::send_queue_full) == 2);
}

TEST_CASE("the begin of every phase is recorded, and so how long each was") {
  const Server server(honest_echo);
  CollectingSink sink;
  Plan plan = plan_for(server);
  plan.threads = 3;
  plan.warm_up = 100ms;
  const Summary summary = run(plan, sink);
  std::map<Phase, std::vector<Time>> began;
  for (const auto& [info, event] : sink.of(Kind::phase_began)) {
    CHECK(event.client == event::kNobody);
    began[info.phase].push_back(event.time);
  }
  CHECK(began.size() == 4);
  CHECK(began[Phase::warm_up].size() == 3);
  CHECK(began[Phase::measuring] == std::vector<Time>(3, summary.measuring_began));
  CHECK(began[Phase::drain] == std::vector<Time>(3, summary.measuring_ended));
  CHECK(began[Phase::closing].size() == 3);
}
