#include <signal.h>

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

}  // namespace

TEST_CASE("servers lists the contestants of a supervisord") {
  Bench bench;
  const auto listed = run_wsbench({"servers", "-s", bench.supervisord().url()});
  CHECK(listed.exit_code == 0);
  CHECK(has(listed.out, "wrong-bytes"));
  CHECK(has(listed.out, "STOPPED"));
  const auto document = json::parse(run_wsbench({"servers", "--json", "-s", bench.supervisord().url()}).out);
  CHECK(document.size() == 13);
}

TEST_CASE("a wrong password is told as such and never shown") {
  Bench bench;
  const auto port = std::to_string(bench.supervisord().port());
  const auto refused = run_wsbench({"servers", "-s", "http://tester:sesame@127.0.0.1:" + port});
  CHECK(refused.exit_code == 3);
  CHECK_FALSE(has(refused.err, "sesame"));
}

TEST_CASE("tail shows the end of a log, and follows it") {
  Bench bench;
  REQUIRE(run_wsbench({"run", bench.suite({"exits"})}).exit_code == 1);
  const auto url = bench.supervisord().url();
  CHECK(has(run_wsbench({"tail", "exits", "stderr", "-s", url}).out, "cannot find my keys"));
  CHECK(run_wsbench({"tail", "exits", "-s", url}).out.empty());
  const auto unknown = run_wsbench({"tail", "unheard-of", "-s", url});
  CHECK(unknown.exit_code == 2);
  CHECK(has(unknown.err, "unheard-of"));

  Program following(wsbench_command({"tail", "-f", "exits", "stderr", "-s", url}));
  std::this_thread::sleep_for(300ms);
  REQUIRE(run_wsbench({"run", bench.suite({"exits"})}).exit_code == 1);
  std::this_thread::sleep_for(800ms);
  following.signal(SIGINT);
  const auto ended = following.wait(5s);
  const auto first = ended.out.find("cannot find my keys");
  REQUIRE(first != std::string::npos);
  CHECK(ended.out.find("cannot find my keys", first + 1) != std::string::npos);
}

TEST_CASE("check finds what would fail, and says what to do") {
  Bench bench;
  const auto good = run_wsbench({"check", bench.suite({"good", "better"})});
  INFO(good.out << good.err);
  CHECK(good.exit_code == 0);
  CHECK(has(good.out, "ready: 2 turns"));

  const auto unknown = run_wsbench({"check", bench.suite({"good", "unheard-of"})});
  CHECK(unknown.exit_code == 3);
  CHECK(has(unknown.out, "unheard-of is no program"));

  const auto mistyped = run_wsbench({"check", bench.suite({"good", "betterr"})});
  CHECK(has(mistyped.out, "betterr is no program of this supervisord; did you mean better?"));

  const auto file = bench.directory() / "a-file";
  std::ofstream(file) << "x";
  const auto unusable =
      run_wsbench({"check", bench.suite({"good"}, {{"db_root", (file / "runs").string()}})});
  CHECK(unusable.exit_code == 3);
  CHECK(has(unusable.out, "a-file is not a directory"));

  const auto many = run_wsbench({"check", bench.suite({"good"}), "--set", "clients=900000"});
  CHECK(many.exit_code == 3);
  CHECK(has(many.out, "are missing"));
}

TEST_CASE("test loads one server once, without supervisord") {
  const TempDir directory;
  const auto port = std::to_string(free_port());
  Program server(wsbench_command({"null-echo", "--port", port}));
  std::this_thread::sleep_for(300ms);
  const auto database = (directory.path() / "once").string();
  const auto ended =
      run_wsbench({"test", database, "1", "127.0.0.1", port, "10", "--set", "interval_ms=20", "--json"});
  INFO(ended.err);
  CHECK(ended.measured_all());
  const auto round = json::parse(ended.out).at("contestants").at(0).at("rounds").at(0);
  CHECK(round.at("established") == 10);
  CHECK(round.at("received").get<int>() >= 480);
  CHECK(round.at("lost") == 0);
  CHECK(run_wsbench({"report", database}).exit_code == 0);
  auto full = wsbench_command({"report", database});
  full.insert(full.begin(), {"/bin/sh", "-c", "exec \"$@\" >/dev/full", "sh"});
  const auto cut = Program(full).wait(10s);
  CHECK(cut.exit_code == 3);
  CHECK(has(cut.err, "the standard output cannot be written"));
  CHECK(run_wsbench({"events", database, "--from", "4s", "--to", "2s"}).exit_code == 2);
  CHECK(run_wsbench({"events", database, "--round", "7"}).exit_code == 2);
  const auto no_kind = run_wsbench({"events", database, "--kind", "sent"});
  CHECK(no_kind.exit_code == 2);
  CHECK(has(no_kind.err, "sent is none of ws_init, ws_onopen, send_message"));
  CHECK(run_wsbench({"events", database, "--kind", "ws_onopen", "--phase", "ramp"}).exit_code == 0);

  const auto foreign = directory.path() / "notes";
  std::filesystem::create_directory(foreign);
  std::ofstream(foreign / "mine.txt") << "kept";
  const auto refused = run_wsbench({"test", foreign.string(), "1", "127.0.0.1", port, "10"});
  CHECK(refused.exit_code == 2);
  CHECK(has(refused.err, "is not empty"));
  CHECK(std::filesystem::exists(foreign / "mine.txt"));
  for (const auto* pair : {"port=1", "host=elsewhere", "rounds=3", "thresholds.servers=1"}) {
    const auto overridden = run_wsbench(
        {"test", (directory.path() / "set").string(), "1", "127.0.0.1", port, "10", "--set", pair});
    INFO(pair << overridden.err);
    CHECK(overridden.exit_code == 2);
  }
  const auto again = run_wsbench({"test", database, "1", "127.0.0.1", port, "10"});
  CHECK(again.exit_code == 2);
  CHECK(has(again.err, "is a run already. Name a directory that is not there yet."));
  server.signal(SIGTERM);
  server.wait(5s);
  const auto nobody =
      run_wsbench({"test", (directory.path() / "twice").string(), "1", "127.0.0.1", port, "10"});
  CHECK(nobody.exit_code == 1);
  CHECK_FALSE(std::filesystem::exists(directory.path() / "twice"));
}

TEST_CASE("a command line that is wrong exits 2, and help exits 0") {
  CHECK(run_wsbench({}).exit_code == 2);
  CHECK(run_wsbench({"run"}).exit_code == 2);
  const auto mistyped = run_wsbench({"repotr", "x"});
  CHECK(mistyped.exit_code == 2);
  CHECK(has(mistyped.err, "did you mean report?"));
  CHECK(run_wsbench({"run", "x.json", "--set", "nonsense"}).exit_code == 2);
  for (const auto* command : {"run", "test", "export", "stats", "events", "runs", "rm", "prune", "report",
                              "servers", "tail", "check", "conformance", "null-echo"}) {
    const auto help = run_wsbench({command, "--help"});
    CHECK(help.exit_code == 0);
    CHECK(has(help.out, "--help"));
  }
}

TEST_CASE("the keys of a file are told without one, as text and as JSON Schema") {
  for (const auto* command : {"run", "daemon"}) {
    const auto help = run_wsbench({command, "--help-keys"});
    CHECK(help.exit_code == 0);
    CHECK(help.out.starts_with("KEY "));
    CHECK(has(help.out, "\ndb_root "));
    const auto schema = run_wsbench({command, "--json-schema"});
    CHECK(schema.exit_code == 0);
    CHECK(schema.out.starts_with("{\n  \"$schema\""));
  }
}

TEST_CASE("a run that is not there is told with its path") {
  const auto report = run_wsbench({"report", "/nowhere/at/all"});
  CHECK(report.exit_code == 2);
  CHECK(has(report.err, "/nowhere/at/all"));
}
