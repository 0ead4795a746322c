#include "orchestrator/control/state/status_json.hpp"

#include <set>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/orchestrator/control/fake_host.hpp"

using namespace wsbench;
using namespace wsbench::control::state;
using nlohmann::json;
using wsbench::test::sample_status;
using wsbench::test::sample_time;

namespace {

std::set<std::string> keys(const json& object) {
  std::set<std::string> all;
  for (const auto& [key, value] : object.items()) all.insert(key);
  return all;
}

}  // namespace

TEST_CASE("the status has the fields that docs/control.md spells") {
  const auto status = status_json(sample_status(), sample_time(100.25));
  CHECK(keys(status) == std::set<std::string>{"version", "pid", "started", "now", "mode", "db_root", "state",
                                              "jobs", "live"});
  CHECK(status["version"] == "0.1.0");
  CHECK(status["pid"] == 4242);
  CHECK(status["started"] == 1795392000.5);
  CHECK(status["now"] == 1795392100.25);
  CHECK(status["mode"] == "daemon");
  CHECK(status["db_root"] == "runs");
  CHECK(status["state"] == "running");
  CHECK(status["jobs"].size() == 3);
}

TEST_CASE("the state is running while a suite runs, stopping when wsbench ends, else idle") {
  auto status = sample_status();
  status.stopping = true;
  CHECK(status_json(status, sample_time())["state"] == "stopping");
  status.stopping = false;
  status.foreground = true;
  status.jobs.erase(status.jobs.begin());
  status.live = nullptr;
  const auto document = status_json(status, sample_time());
  CHECK(document["state"] == "idle");
  CHECK(document["mode"] == "run");
  CHECK(document["live"].is_null());
}

TEST_CASE("a job has the fields that docs/control.md spells, null for what is not known") {
  const auto status = sample_status();
  const auto running = job_json(status.jobs[0]);
  CHECK(keys(running) == std::set<std::string>{"number", "group", "suite", "state", "note", "run", "local",
                                               "load", "submitted", "began", "ended", "turns", "turns_done",
                                               "left_seconds", "contestants"});
  CHECK(running["number"] == 3);
  CHECK(running["group"] == "smoke-2");
  CHECK(running["suite"] == "smoke");
  CHECK(running["run"] == "smoke-20261123T000000Z");
  CHECK(running["local"] == true);
  CHECK(running["submitted"] == 1795392001.0);
  CHECK(running["ended"].is_null());
  CHECK(running["left_seconds"] == 61.5);
  const auto queued = job_json(status.jobs[1]);
  CHECK(queued["state"] == "queued");
  CHECK(queued["run"].is_null());
  CHECK(queued["began"].is_null());
  CHECK(queued["left_seconds"].is_null());
}

TEST_CASE("a contestant that has ended carries the figures of its latest round") {
  const auto contestants = job_json(sample_status().jobs[0])["contestants"];
  const auto& done = contestants[0];
  CHECK(keys(done) == std::set<std::string>{"name", "state", "round", "rounds", "description", "error",
                                            "began", "ended", "result"});
  CHECK(done["state"] == "completed");
  CHECK(done["ended"] == 1795392050.5);
  const auto& result = done["result"];
  CHECK(keys(result) == std::set<std::string>{"p50_ns", "p95_ns", "p99_ns", "p999_ns", "max_ns",
                                              "client_lag_p99_ns", "requested", "established", "sent",
                                              "received", "lost", "message_rate", "rss_peak_bytes",
                                              "cpu_share", "valid"});
  CHECK(result["p99_ns"] == 210'000);
  CHECK(result["client_lag_p99_ns"] == 50'000);
  CHECK(result["rss_peak_bytes"] == 4'660'000);
  CHECK(result["cpu_share"] == 0.031);
  CHECK(result["valid"] == true);
  CHECK(contestants[1]["error"] == "died: it ended under load");
  CHECK(contestants[3]["result"].is_null());
}

TEST_CASE("the load carries its points, null for what a second did not have") {
  const auto live = status_json(sample_status(), sample_time())["live"];
  CHECK(keys(live) == std::set<std::string>{"group", "contestant", "round", "state", "phase", "phase_began",
                                            "measuring_seconds", "warm_up_seconds", "requested",
                                            "interval_seconds", "points"});
  CHECK(live["phase"] == "measuring");
  CHECK(live["phase_began"] == 1795392060.0);
  CHECK(live["measuring_seconds"] == 60.0);
  CHECK(live["interval_seconds"] == 1.0);
  REQUIRE(live["points"].size() == 2);
  const auto& point = live["points"][1];
  CHECK(keys(point) == std::set<std::string>{"t", "phase", "open", "sent_rate", "received_rate", "p50_ns",
                                             "p90_ns", "p99_ns", "p999_ns", "lag_p99_ns", "rss_bytes",
                                             "cpu_share", "connections"});
  CHECK(point["t"] == 34.0);
  CHECK(point["sent_rate"] == 9981.0);
  CHECK(point["p99_ns"] == 1'900'000);
  CHECK(point["rss_bytes"] == 58'500'000);
  CHECK(point["cpu_share"] == 0.3142);
  CHECK(live["points"][0]["rss_bytes"].is_null());
  CHECK(live["points"][0]["cpu_share"].is_null());
}

TEST_CASE("the phases of a load have the feed's words") {
  const auto [phase, word] =
      GENERATE(table<event::Phase, const char*>({{event::Phase::ramp, "ramp"},
                                                 {event::Phase::warm_up, "warm_up"},
                                                 {event::Phase::measuring, "measuring"},
                                                 {event::Phase::drain, "drain"},
                                                 {event::Phase::closing, "close"}}));
  auto live = *sample_status().live;
  live.totals.phase = phase;
  CHECK(json::parse(point_message(live))["phase"] == word);
}

TEST_CASE("the feed's messages carry what docs/control.md has") {
  const auto status = sample_status();
  const auto hello = json::parse(hello_message(status, {"one", "two"}, sample_time(1)));
  CHECK(hello["type"] == "hello");
  CHECK(hello["status"] == status_json(status, sample_time(1)));
  CHECK(hello["log"] == json::array({"one", "two"}));

  const auto news = json::parse(status_message(status, sample_time(1)));
  CHECK(news["type"] == "status");
  CHECK(news["status"]["live"]["contestant"] == "node-ws");
  CHECK_FALSE(news["status"]["live"].contains("points"));

  const auto point = json::parse(point_message(*status.live));
  CHECK(keys(point) ==
        std::set<std::string>{"type", "group", "contestant", "round", "phase", "phase_began", "point"});
  CHECK(point["type"] == "point");
  CHECK(point["point"]["t"] == 34.0);

  CHECK(json::parse(log_message({"three"})) == json({{"type", "log"}, {"lines", {"three"}}}));
}

TEST_CASE("bytes that are not UTF-8 do not break a message") {
  auto status = sample_status();
  status.jobs[0].note = "stderr: \xFF\xFE";
  const auto message = json::parse(status_message(status, sample_time()));
  CHECK(message["status"]["jobs"][0]["note"] == "stderr: \xEF\xBF\xBD\xEF\xBF\xBD");
}
