#include "orchestrator/report/ranked_tables.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/util/text_table.hpp"
#include "tests/orchestrator/results/results.hpp"

using namespace std::chrono_literals;
using namespace wsbench::report;
using namespace wsbench::results;
using namespace wsbench::util;
using wsbench::test::completed_round;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

SuiteResult suite() {
  SuiteResult s;
  s.manifest.suite = "tiny";
  s.manifest.supervisord = "http://127.0.0.1:9001";
  s.manifest.config = {{"mode", "open"}, {"rounds", 1}};
  s.contestants = {{"go-gorilla", "go", "gorilla", "", {completed_round("go-gorilla", 2ms)}},
                   {"node-ws", "js", "ws", "", {completed_round("node-ws", 1ms)}}};
  s.complete = true;
  return s;
}

}  // namespace

TEST_CASE("columns are as wide as their widest cell and have no trailing blanks") {
  TextTable table({{"name", TextTable::Align::left}, {"n"}});
  table.add({"a", "1,000"});
  table.add({"longer", "7"});
  CHECK(table.render(false) == "name        n\na       1,000\nlonger      7\n");
}

TEST_CASE("the report ranks the contestants and says by what") {
  const auto text = render_report(suite(), false);
  CHECK(text.find("node-ws") < text.find("go-gorilla"));
  CHECK(has(text, "Ranked by latency p99"));
  CHECK(has(text, "One round"));
  CHECK_FALSE(has(text, "\033["));
}

TEST_CASE("the report quotes a failed contestant's reason and its stderr without control bytes") {
  auto s = suite();
  auto& round = s.contestants[0].rounds[0];
  round.state = TurnState::failed;
  round.failure = Failure{FailureKind::exited, "it ended before it served", "", "first\nboom \033[2J!\n"};
  const auto text = render_report(s, false);
  CHECK(has(text, "exited: it ended before it served"));
  CHECK(has(text, "    | boom ?[2J!"));
  CHECK_FALSE(has(text, "\033"));
}

TEST_CASE("the report says when the wall clock was set, for that leaves reads without a lag") {
  auto s = suite();
  CHECK_FALSE(has(render_report(s, false), "wall clock"));
  s.contestants[1].rounds[0].wall_clock_stepped = true;
  CHECK(has(render_report(s, false), "  node-ws: the wall clock was set in round 0"));
}

TEST_CASE("a quantile among lost messages is shown as lost, not as a number") {
  auto s = suite();
  s.contestants[1].rounds[0].latency.p999.reset();
  s.contestants[1].rounds[0].latency.lost = 9;
  CHECK(has(render_report(s, false), "lost"));
}

TEST_CASE("dead time is told of the servers that the suite has started, and of no other") {
  auto s = suite();
  CHECK_FALSE(has(render_report(s, false), "Dead time"));
  auto& round = s.contestants[1].rounds[0];
  round.own_start = 300ms;
  round.dead_time = 20ms;
  CHECK(has(render_report(s, false), "median 20 ms, largest 20 ms (node-ws)"));
  auto& other = s.contestants[0].rounds[0];
  other.own_start = 300ms;
  other.dead_time = 60ms;
  CHECK(has(render_report(s, false), "median 40 ms, largest 60 ms (go-gorilla)"));
}

TEST_CASE("an incomplete run says how to go on") {
  auto s = suite();
  s.complete = false;
  CHECK(has(render_report(s, false), "--resume"));
  s.manifest.supervisord.clear();  // as of `wsbench test`
  CHECK(has(render_report(s, false), "(ended early)"));
}

TEST_CASE("what a server did to messages, and how long clients waited in vain, is in the notes") {
  auto s = suite();
  CHECK_FALSE(has(render_report(s, false), "Notes"));
  auto& round = s.contestants[0].rounds[0];
  round.due += 40;
  round.reordered = 2;
  round.duplicated = 3;
  s.manifest.config["mode"] = "closed";
  round.stuck_clients = 4;
  round.waiting_share = 0.031;
  const auto text = render_report(s, false);
  CHECK(has(text,
            "go-gorilla: 2 echoes came after that of a later message; 3 echoes came once more; 40 messages "
            "fell due for clients that could not send; 4 clients were stuck: connected, and not answered "
            "any more; 3.10 % of the clients' time was spent waiting for echoes that never came"));
  CHECK(has(text, "Closed loop:"));
}

TEST_CASE("quantiles that are upper bounds are said to be") {
  auto s = suite();
  CHECK_FALSE(has(render_report(s, false), "upper bounds"));
  s.contestants[1].rounds[0].latency.exact = false;
  CHECK(has(render_report(s, false), "more than 131,072 messages are upper bounds"));
}
