#include "tests/client/load/loads.hpp"

#include <chrono>
#include <cstdlib>
#include <map>
#include <utility>

#include <catch2/catch.hpp>

namespace wsbench::client::testing {

using namespace std::chrono_literals;
using event::Event;
using event::Kind;
using event::Reason;
using event::Time;

transport::Kind transport_under_test() {
  const char* wanted = std::getenv("WSBENCH_TEST_TRANSPORT");
  if (wanted == nullptr) return transport::Kind::automatic;
  const auto kind = transport::kind_of(wanted);
  REQUIRE(kind);
  const auto reason = transport::why_not(*kind);
  if (!reason) return *kind;
  WARN(*reason);
  return transport::Kind::automatic;
}

void honest_echo(Peer& peer) {
  echo(peer);
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
  plan.transport = transport_under_test();
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

void check_histories(const CollectingSink& sink, std::uint32_t clients) {
  std::map<std::uint32_t, std::map<Kind, int>> counts;
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> unanswered;
  std::map<std::uint32_t, Time> last;
  for (const auto& [info, event] : sink.all()) {
    if (!event::has_client(event.kind)) continue;
    ++counts[event.client][event.kind];
    if (event.kind == Kind::read_lag) continue;  // Told after what the echo has led to.
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

}  // namespace wsbench::client::testing
