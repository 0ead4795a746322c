#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/e2e/bench.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/free_port.hpp"

using namespace std::chrono_literals;
using namespace wsbench::test;
using nlohmann::json;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::size_t lines = 0;
  for (std::string line; std::getline(in, line);) ++lines;
  return lines;
}

}  // namespace

TEST_CASE("every way of failing has a name of its own, and the suite goes on and exits 1") {
  const Bench bench;
  const auto ended = run_wsbench({"run", bench.suite({"exits", "silent", "http-200", "wrong-bytes", "closes",
                                                      "dies", "missing", "unheard-of", "good"},
                                                     {{"seconds", 4}})},
                                 120s);
  INFO(ended.err);
  CHECK(ended.exit_code == 1);

  const auto results = bench.results();
  const auto kind = [&](const char* name) {
    return results.at(name).at("failure").at("kind").get<std::string>();
  };
  CHECK(kind("exits") == "exited");
  CHECK(kind("silent") == "no_answer");
  CHECK(kind("http-200") == "handshake_rejected");
  CHECK(kind("wrong-bytes") == "echo_mismatch");
  CHECK(kind("closes") == "connections_closed");
  CHECK(kind("dies") == "died");
  CHECK(kind("missing") == "command_missing");
  CHECK(kind("unheard-of") == "unknown_contestant");
  CHECK(results.at("good").at("state") == "completed");

  CHECK(has(results.at("exits").at("failure").at("stderr_tail").get<std::string>(), "cannot find my keys"));
  CHECK(has(results.at("exits").at("failure").at("message").get<std::string>(), "exit status 3"));
  CHECK(has(results.at("dies").at("failure").at("stderr_tail").get<std::string>(), "out of patience"));
  CHECK(results.at("closes").at("ended").at("normal") == 20);
  CHECK(has(ended.out, "cannot find my keys"));
  CHECK(has(ended.err, "not met: closes: failed (connections_closed)"));
  for (const auto* name : {"silent", "closes", "good"}) CHECK_FALSE(bench.is_up(name));
}

TEST_CASE("a suite of good contestants is measured, ranked and exits 0") {
  const Bench bench;
  const auto ended = run_wsbench(
      {"run", bench.suite({"good", "better"}, {{"rounds", 2}, {"order", "shuffled"}, {"calibrate", true}})});
  INFO(ended.err << ended.out);
  CHECK(ended.measured_all());
  CHECK(has(ended.out, "2 rounds"));
  CHECK(has(ended.out, "Floor of the instrument"));
  CHECK(has(ended.out, "Dead time per contestant"));
  CHECK(has(ended.out, bench.run().string()));
  const auto results = bench.results();
  for (const auto* name : {"good", "better"}) {
    const auto& round = results.at(name);
    CHECK(round.at("established") == 20);
    CHECK(round.at("lost") == 0);
    CHECK(round.at("sent") == round.at("received"));
    CHECK(round.at("sent").get<int>() >= 380);
    CHECK(round.at("sent").get<int>() <= 420);
    for (const auto& check : round.at("conformance")) {
      INFO(check.dump());
      CHECK(check.at("passed") == true);
    }
  }
}

TEST_CASE("the tables of a run agree with each other, also when its events are paired again elsewhere") {
  const Bench bench;
  REQUIRE(run_wsbench({"run", bench.suite({"good"})}).measured_all());
  REQUIRE(run_wsbench({"stats", bench.db_root()}).exit_code == 0);
  const auto events = run_wsbench({"export", bench.run().string(), "--table", "events"});
  REQUIRE(events.exit_code == 0);
  const auto tables = bench.run() / "stats" / "good";
  CHECK(has(events.out, tables.string()));

  const auto round = bench.results().at("good");
  CHECK(lines_of(tables / "counts.csv") == 2);
  CHECK(lines_of(tables / "handshake_times.csv") == 21);
  CHECK(lines_of(tables / "message_latencies.csv") == round.at("received").get<std::size_t>() + 1);
  CHECK(lines_of(tables / "events.csv") == round.at("events").get<std::size_t>() + 1);

  Program pairing({"/usr/bin/python3", "-B", std::string(WSBENCH_SOURCE) + "/tests/tools/pair_events.py",
                   tables.string()});
  const auto paired = pairing.wait(30s);
  INFO(paired.out << paired.err);
  CHECK(paired.exit_code == 0);
}

TEST_CASE("a suite killed in the middle is resumed: what is finished is kept, the rest measured afresh") {
  const Bench bench;
  const auto suite = bench.suite({"good", "better", "best"}, {{"seconds", 2}});
  {
    Program killed(wsbench_command({"run", suite}));
    REQUIRE(killed.says("better measuring", 30s));
    killed.signal(SIGKILL);
    CHECK(killed.wait(5s).exit_code == 128 + SIGKILL);
  }
  CHECK(bench.is_up("better"));
  const auto kept = bench.results().at("good");

  const auto resumed = run_wsbench({"run", suite, "--resume"});
  INFO(resumed.err << resumed.out);
  CHECK(resumed.measured_all());
  CHECK(has(resumed.err, "better was running and has been stopped"));
  const auto results = bench.results();
  CHECK(results.at("good") == kept);
  for (const auto* name : {"good", "better", "best"}) {
    CHECK(results.at(name).at("state") == "completed");
    CHECK(results.at(name).at("lost") == 0);
  }
  CHECK_FALSE(has(resumed.out, "not complete"));
  CHECK_FALSE(bench.is_up("better"));
}

TEST_CASE("a resumed suite must be the same suite") {
  const Bench bench;
  {
    Program killed(wsbench_command({"run", bench.suite({"good"}, {{"seconds", 2}})}));
    REQUIRE(killed.says("good measuring", 30s));
    killed.signal(SIGKILL);
    killed.wait(5s);
  }
  const auto resumed = run_wsbench({"run", bench.suite({"good"}, {{"seconds", 3}}), "--resume"});
  CHECK(resumed.exit_code == 2);
  CHECK(has(resumed.err, "seconds"));
  // A run that is not resumed stays what it was.
  const auto kept = run_wsbench({"run", bench.suite({"good"}, {{"seconds", 2}}), "--resume"});
  CHECK(has(kept.err, "resuming " + bench.run().string()));
  CHECK(kept.measured_all());
}

TEST_CASE("an interrupted suite stops its contestant, keeps what was measured and exits 130") {
  const Bench bench;
  const auto suite = bench.suite({"good", "better"}, {{"seconds", 20}});
  Program interrupted(wsbench_command({"run", suite}));
  REQUIRE(interrupted.says("good measuring", 30s));
  std::this_thread::sleep_for(700ms);
  interrupted.signal(SIGINT);
  const auto ended = interrupted.wait(10s);
  INFO(ended.err << ended.out);
  CHECK(ended.exit_code == 130);
  CHECK_FALSE(bench.is_up("good"));
  CHECK(has(ended.err, "--resume"));
  const auto good = bench.results().at("good");
  CHECK(good.at("state") == "cancelled");
  CHECK(good.at("received").get<int>() > 0);
}

TEST_CASE("a supervisord that is not there is told in one line, at once, and leaves nothing behind") {
  const TempDir directory;
  const auto db_root = directory.path() / "runs";
  const json config{{"host", "127.0.0.1"},
                    {"db_root", db_root.string()},
                    {"clients", 1},
                    {"supervisord", "http://127.0.0.1:" + std::to_string(free_port())}};
  const auto ended = run_wsbench({"run", directory.write("suite.json", config.dump()).string()});
  CHECK(ended.exit_code == 3);
  CHECK(ended.took < 20s);
  CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
  CHECK_FALSE(std::filesystem::exists(db_root));
}

TEST_CASE("a config that is wrong is told with path, line and likely key, exit 2") {
  const TempDir directory;
  const auto file = directory.write(
      "suite.json",
      "{\n  \"host\": \"h\",\n  \"db_root\": \"r\",\n  \"clints\": -5,\n  \"seconds\": -1\n}\n");
  const auto ended = run_wsbench({"run", file.string()});
  CHECK(ended.exit_code == 2);
  CHECK(has(ended.err, "suite.json:4"));
  CHECK(has(ended.err, "\"clients\""));
  CHECK(has(ended.err, "suite.json:5"));
  const auto broken = run_wsbench({"run", directory.write("broken.json", "{\n  \"host\": \n}").string()});
  CHECK(broken.exit_code == 2);
  CHECK(has(broken.err, "broken.json:3"));
}

TEST_CASE("a port that somebody else has is told as such") {
  Bench bench;
  Program other({std::string(WSBENCH_PROGRAM), "null-echo", "--port", std::to_string(bench.port())});
  std::this_thread::sleep_for(300ms);
  const auto ended = run_wsbench({"run", bench.suite({"good"})});
  CHECK(ended.exit_code == 1);
  CHECK(bench.results().at("good").at("failure").at("kind") == "port_taken");
  other.signal(SIGTERM);
  CHECK(other.wait(5s).exit_code == 0);
}

TEST_CASE("thresholds that are missed fail the suite and are named") {
  const Bench bench;
  const auto ended =
      run_wsbench({"run", bench.suite({"good"}, {{"thresholds", {{"latency_p50_ms", 0.001}}}})});
  CHECK(ended.exit_code == 1);
  CHECK(has(ended.err, "not met: good: latency p50"));
}
