#include "orchestrator/results/run_documents.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "orchestrator/results/results_file.hpp"
#include "orchestrator/suite/suite.hpp"
#include "tests/orchestrator/results/results.hpp"
#include "tests/support/temp_dir.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using namespace wsbench::results;
using namespace wsbench::suite;
using wsbench::test::completed_round;

namespace {

Manifest manifest() {
  Manifest m;
  m.suite = "tiny";
  m.config = {{"mode", "open"}, {"rounds", 2}};
  m.contestants = {{"a", nullptr}, {"b", {{"language", "go"}, {"platform", "gorilla"}, {"version", "1.5"}}}};
  m.turns = {{0, "a"}, {0, "b"}, {1, "b"}, {1, "a"}};
  return m;
}

}  // namespace

TEST_CASE("a round is read back from its document as it was") {
  auto round = completed_round("a", 3ms, 2);
  round.failure = Failure{FailureKind::exited, "it ended", "spawn", "tail \xff \"quoted\""};
  round.latency.p999.reset();
  round.server = ServerUse{5, 1000, 0, 0.5, 1, 2, 3, 4};
  round.seconds = {{0, 10, 9, 1ms, std::nullopt}};
  round.conformance = {{"binary", false, "came back as text"}};
  round.gates = {{"client_punctual", true, "fine"}};
  round.dead_time = 12ms;
  round.due = 1013;
  round.not_sent[static_cast<std::size_t>(event::NotSent::stopped)] = 13;
  round.reordered = 1;
  round.altered = 2;
  round.duplicated = 3;
  round.foreign = 4;
  round.messages_under_way = 1.5;
  round.clients_connected = 99.5;
  round.stuck_clients = 5;
  round.stuck_after = 1s;
  round.waiting_share = 0.25;
  round.latency.mean_at_least = 2ms;
  round.latency.exact = false;
  round.read_lag = {31, 0, 1us, 20us, 18us, 30us, 40us, 80us, 81us, 82us};
  round.read_lag_in_latency = {31, 0, -1us, 19us, 17us, 29us, 39us, 79us, 80us, 81us};
  round.wall_clock_stepped = true;
  round.client_run_queue_share = 0.25;
  const auto again = round_result_from_json(to_json(round));
  CHECK(to_json(again) == to_json(round));
  CHECK(again.read_lag.p99 == 80us);
  CHECK(again.read_lag_in_latency.min == -1us);
  CHECK(again.wall_clock_stepped);
  CHECK(again.client_run_queue_share == 0.25);
  CHECK(again.failure->kind == FailureKind::exited);
  CHECK(again.ended_by(event::Reason::completed) == 100);
  CHECK(again.unsent_by(event::NotSent::stopped) == 13);
  CHECK(again.waiting_share == 0.25);
  CHECK(again.stuck_clients == 5);
}

TEST_CASE("a document from before messages were told apart is read as what it meant") {
  auto round = completed_round("a", 3ms);
  round.latency.lost = 4;
  auto document = to_json(round);
  for (const char* later :
       {"due", "not_sent", "reordered", "altered", "duplicated", "foreign", "messages_under_way",
        "clients_connected", "stuck_clients", "stuck_after_ns", "waiting_share"})
    document.erase(later);
  for (const char* quantiles : {"latency", "service_time", "lag", "handshake"}) {
    document[quantiles].erase("exact");
    document[quantiles].erase("mean_at_least_ns");
  }
  const auto again = round_result_from_json(document);
  CHECK(again.due == 1000);
  CHECK(again.unsent() == 0);
  CHECK_FALSE(again.latency.max);
  CHECK_FALSE(again.latency.mean);
  CHECK(again.latency.mean_at_least == round.latency.mean);
  CHECK(again.latency.exact);
  CHECK(again.handshake.max == round.handshake.max);
}

TEST_CASE("a round of before reads were sampled is read, and has no read lags") {
  auto document = to_json(completed_round("a", 3ms));
  for (const char* later :
       {"read_lag", "read_lag_in_latency", "wall_clock_stepped", "client_run_queue_share"})
    CHECK(document.erase(later) == 1);
  const auto round = round_result_from_json(document);
  CHECK(round.latency.p99 == 3ms);
  CHECK(round.read_lag.count == 0);
  CHECK_FALSE(round.read_lag.p99);
  CHECK_FALSE(round.wall_clock_stepped);
  CHECK_FALSE(round.client_run_queue_share);
}

TEST_CASE("a suite's results are gathered by contestant, in the order of the first round") {
  const test::TempDir directory;
  auto run = store::Run::create(directory.path() / "run").value();
  REQUIRE(save_manifest(*run, manifest()));
  REQUIRE(save_result(*run, completed_round("b", 2ms, 1)));
  REQUIRE(save_result(*run, completed_round("a", 1ms, 0)));
  REQUIRE(save_result(*run, completed_round("b", 3ms, 0)));

  const auto suite = read_suite_result(*run).value();
  REQUIRE(suite.contestants.size() == 2);
  CHECK(suite.contestants[0].name == "a");
  CHECK(suite.contestants[1].platform == "gorilla");
  CHECK(suite.contestants[1].rounds.size() == 2);
  CHECK_FALSE(suite.complete);
  REQUIRE(save_result(*run, completed_round("a", 1ms, 1)));
  CHECK(read_suite_result(*run)->complete);
}

TEST_CASE("the journal tells which turns are finished, also after a crash in between") {
  const test::TempDir directory;
  {
    auto run = store::Run::create(directory.path() / "run").value();
    REQUIRE(journal_suite(*run, SuiteMark::began));
    for (const auto state : {TurnState::starting, TurnState::stopping, TurnState::completed}) {
      REQUIRE(journal_turn(*run, {0, "a"}, state));
    }
    REQUIRE(journal_turn(*run, {0, "b"}, TurnState::measuring));
  }
  auto run = store::Run::open(directory.path() / "run", store::Run::Access::read_write).value();
  CHECK(finished_turns(*run).value() == std::vector<Turn>{{0, "a"}});
  CHECK_FALSE(has_ended(*run).value());
  REQUIRE(journal_suite(*run, SuiteMark::ended));
  CHECK(has_ended(*run).value());
}

TEST_CASE("a turn that was finished and is begun again is not finished") {
  const test::TempDir directory;
  auto run = store::Run::create(directory.path() / "run").value();
  REQUIRE(journal_turn(*run, {0, "a"}, TurnState::cancelled));
  CHECK(finished_turns(*run)->empty());
}

TEST_CASE("results.json is written whole and shows the ranking") {
  const test::TempDir directory;
  auto run = store::Run::create(directory.path() / "run").value();
  REQUIRE(save_manifest(*run, manifest()));
  REQUIRE(save_result(*run, completed_round("a", 1ms, 0)));
  REQUIRE(write_results_file(*run));
  const auto document = results_json(read_suite_result(*run).value());
  CHECK(document.at("schema_version") == 1);
  CHECK(document.at("ranking").at(0).at("contestant") == "a");
  CHECK(std::filesystem::exists(run->directory() / "results.json"));
  CHECK_FALSE(std::filesystem::exists(run->directory() / "results.json.new"));
}

TEST_CASE("turns go round by round, each with every contestant once, the same for a seed") {
  wsbench::config::Config config;
  config.rounds = 3;
  const std::vector<std::string> names{"a", "b", "c", "d", "e"};
  const auto listed = make_turns(config, names);
  REQUIRE(listed.size() == 15);
  for (std::size_t i = 0; i < listed.size(); ++i)
    CHECK(listed[i] == Turn{static_cast<std::uint16_t>(i / 5), names[i % 5]});

  config.order = wsbench::config::Order::shuffled;
  const auto shuffled = make_turns(config, names);
  CHECK(shuffled == make_turns(config, names));
  CHECK(shuffled != listed);
  for (std::uint16_t round = 0; round < 3; ++round) {
    std::vector<std::string> seen;
    for (const auto& turn : shuffled) {
      if (turn.round == round) seen.push_back(turn.contestant);
    }
    std::sort(seen.begin(), seen.end());
    CHECK(seen == names);
  }
}

TEST_CASE("only not installed contestants leave a suite without shortcomings") {
  SuiteResult suite;
  suite.contestants = {{"a", "", "", "", {completed_round("a", 1ms)}}, {"b", "", "", "", {RoundResult{}}}};
  auto& b = suite.contestants[1].rounds[0];
  b.state = TurnState::not_installed;
  CHECK(shortcomings(suite, {}).empty());
  b.state = TurnState::failed;
  CHECK(shortcomings(suite, {}).size() == 1);
  b.state = TurnState::completed;
  b.gates = {{"client_punctual", false, "late"}};
  CHECK(shortcomings(suite, {}).size() == 1);
  wsbench::config::Config lenient;
  lenient.accept_invalid = true;
  CHECK(shortcomings(suite, lenient).empty());
}
