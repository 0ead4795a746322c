#include "orchestrator/suite/measured_load.hpp"

#include <algorithm>
#include <map>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "store/fold/fold.hpp"
#include "store/read/reader.hpp"
#include "tests/orchestrator/contestants/fake_plug_in.hpp"
#include "tests/orchestrator/results/results.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/truth/server.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using namespace wsbench::results;
using namespace wsbench::suite;
using event::Reason;
using wsbench::test::completed_round;

namespace {

/// 100 clients of which `count` ended for a reason of their own.
RoundResult ended_early(Reason reason, std::uint64_t count) {
  auto round = completed_round("a", 1ms);
  round.ended[static_cast<std::size_t>(Reason::completed)] = 100 - count;
  round.ended[static_cast<std::size_t>(reason)] += count;
  return round;
}

}  // namespace

TEST_CASE("the first sample of the server is taken before any client connects") {
  const test::TempDir directory;
  const auto run = *store::Run::create(directory.path() / "run");
  REQUIRE(run->add_contestant("good"));
  test::FakePlugIn plug_in;
  plug_in.answer = {{"rss_kib", 1024}};
  client::Plan plan;  // its clients are refused, so it ends soon
  plan.target.host = "127.0.0.1";
  plan.target.port = static_cast<std::uint16_t>(test::free_port());
  plan.clients = 3;
  plan.measuring = 1s;

  LoadWatch watch;
  std::vector<contestants::ServerSample> samples;
  watch.on_sample = [&](const contestants::ServerSample& sample) { samples.push_back(sample); };
  const auto load = run_load({*run, plan, "good", &plug_in.supervisor, {}}, watch);
  REQUIRE(load);
  REQUIRE_FALSE(samples.empty());
  CHECK(samples.front().time < load->summary.began);

  std::vector<event::Time> stored;
  event::Time first_client = event::Time::max();
  REQUIRE(store::scan_blocks(*run, "good", {}, [&](const event::Block& block) {
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto one = block[i];
      if (one.kind == event::Kind::server) stored.push_back(one.time);
      if (one.kind == event::Kind::ws_init) first_client = std::min(first_client, one.time);
    }
    return true;
  }));
  REQUIRE(stored.size() == samples.size());
  CHECK(stored.front() == samples.front().time);
  CHECK(stored.front() < first_client);
}

TEST_CASE("a load tells how late it read, and of its threads and its machine what they had to wait for") {
  const test::TempDir directory;
  const auto run = *store::Run::create(directory.path() / "run");
  test::truth::Server server{test::truth::Behaviour{}};
  const std::jthread serving([&](const std::stop_token& stop) { server.run(stop); });
  client::Plan plan;
  plan.target = {"127.0.0.1", server.port(), "/"};
  plan.clients = 10;
  plan.threads = 2;
  plan.interval = 20ms;
  plan.measuring = 1200ms;
  const auto load = run_load({*run, plan, "good", nullptr, {}}, {});
  REQUIRE(load);
  auto round = completed_round("good", 1ms);
  REQUIRE(fold_load_into(round, plan, *load, *run));
  CHECK(round.lost_events == 0);
  CHECK(round.read_lag.count > 0);
  CHECK(round.read_lag.count == round.read_lag_in_latency.count);
  CHECK(round.read_lag.count <= round.received);
  CHECK(round.read_lag.max >= round.read_lag.p50);
  CHECK_FALSE(round.wall_clock_stepped);
  if (round.client_run_queue_share) {
    CHECK(*round.client_run_queue_share >= 0);
    CHECK(*round.client_run_queue_share <= 1.1);  // It is read a little later than the clock.
  }

  const auto statistics = store::fold(*run, "good", 0).value();
  std::map<std::uint32_t, std::size_t> samples;
  for (const auto& sample : statistics.instrument) {
    ++samples[sample.shard];
    const bool of_machine = sample.shard == event::kNobody;
    CHECK(sample.values.count(event::Metric::machine_cpu_nanoseconds) == of_machine);
    CHECK(sample.values.count(event::Metric::machine_steal_nanoseconds) == of_machine);
  }
  CHECK(samples.at(event::kNobody) >= 2);
  if (!round.client_run_queue_share) return;
  CHECK(samples.size() == 3);
  CHECK(samples.at(0) >= 4);
  CHECK(samples.at(1) >= 4);
}

TEST_CASE("a contestant that served its clients has not failed") {
  CHECK_FALSE(failure_under_load(completed_round("a", 1ms)));
  CHECK_FALSE(failure_under_load(ended_early(Reason::close_unanswered, 100)));
}

TEST_CASE("losing some connections is a figure, losing most of them a failure that says how") {
  CHECK_FALSE(failure_under_load(ended_early(Reason::normal, 50)));
  const auto failure = failure_under_load(ended_early(Reason::normal, 51));
  REQUIRE(failure);
  CHECK(failure->kind == FailureKind::connections_closed);
  CHECK(failure->message == "51 of 100 connections ended under load: 51 normal");
  CHECK(failure_under_load(ended_early(Reason::protocol_error, 60))->kind == FailureKind::protocol_error);
}

TEST_CASE("no connection at all is told by its reasons, the most frequent first") {
  auto round = completed_round("a", 1ms);
  round.established = 0;
  round.ended = {};
  round.ended[static_cast<std::size_t>(Reason::refused)] = 30;
  round.ended[static_cast<std::size_t>(Reason::connection_timeout)] = 70;
  const auto failure = failure_under_load(round);
  REQUIRE(failure);
  CHECK(failure->kind == FailureKind::no_connections);
  CHECK(failure->message == "none of 100 clients could connect: 70 connection_timeout, 30 refused");
}

TEST_CASE("a load machine out of files or ports says nothing of the contestant") {
  CHECK(failure_under_load(ended_early(Reason::out_of_files, 1))->kind == FailureKind::client_exhausted);
  CHECK(failure_under_load(ended_early(Reason::out_of_ports, 1))->kind == FailureKind::client_exhausted);
}

TEST_CASE("a server that takes every message and answers none has failed") {
  auto round = completed_round("a", 1ms);
  round.received = 0;
  round.lost = round.sent;
  CHECK(failure_under_load(round)->kind == FailureKind::no_answer);
  round.altered = 998;
  round.foreign = 2;
  const auto failure = failure_under_load(round);
  CHECK(failure->kind == FailureKind::echo_mismatch);
  CHECK(failure->message ==
        "it gave none of 1000 messages back as it was sent: 998 came altered, and 2 that were no echo");
}
