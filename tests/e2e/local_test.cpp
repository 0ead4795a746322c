#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

using namespace std::chrono_literals;
using namespace wsbench::test;
using nlohmann::json;

namespace {

std::string suite(const TempDir& directory, const json& changes) {
  json config{{"host", "127.0.0.1"},
              {"db_root", (directory.path() / "runs").string()},
              {"clients", 20},
              {"seconds", 1},
              {"interval_ms", 50}};
  config.merge_patch(changes);
  return directory.write("suite.json", config.dump()).string();
}

}  // namespace

TEST_CASE("run --local measures every installed contestant of the competition on a supervisord of its own") {
  const TempDir directory;
  const auto ended = run_wsbench({"run", suite(directory, json::object()), "--local", "--json"}, 120s);
  INFO(ended.err);
  CHECK(ended.measured_all());
  const auto results = json::parse(ended.out);
  CHECK(results.at("complete") == true);
  CHECK(results.at("same_machine") == true);
  CHECK(results.at("server_machine").contains("kernel"));
  REQUIRE_FALSE(results.at("contestants").empty());
  for (const auto& contestant : results.at("contestants")) {
    INFO(contestant.at("name"));
    CHECK_FALSE(contestant.at("language").get<std::string>().empty());
    const auto& round = contestant.at("rounds").at(0);
    CHECK(round.at("state") == "completed");
    CHECK(round.at("lost") == 0);
    REQUIRE(round.at("server").is_object());
    CHECK(round.at("server").at("rss_peak_bytes").get<double>() > 1e6);
    CHECK(round.at("server").at("connections") == 20);
    CHECK(round.at("server").at("samples").get<int>() >= 1);
    CHECK(round.at("dead_time_ns").get<double>() < 5e9);
  }
}

TEST_CASE("a contestant whose platform is not installed is reported with its packages and fails nothing") {
  const TempDir directory;
  const auto competition = directory.path() / "competition";
  std::filesystem::copy(std::string(WSBENCH_SOURCE) + "/competition", competition,
                        std::filesystem::copy_options::recursive);
  const auto manifest = competition / "python-websockets" / "contestant.json";
  auto document = json::parse(std::ifstream(manifest));
  document["check"] = "false";
  std::ofstream(manifest) << document;

  Program run(
      {"/usr/bin/env", "WSBENCH_COMPETITION=" + competition.string(), WSBENCH_PROGRAM, "run",
       suite(directory, {{"servers", {"python-websockets", "cpp-websocketpp"}}, {"calibrate", false}}),
       "--local"});
  const auto ended = run.wait(60s);
  INFO(ended.err << ended.out);
  CHECK(ended.measured_all());
  CHECK(ended.out.find("not installed: needs python3-websockets") != std::string::npos);
}

TEST_CASE("check --local and servers --local ask a supervisord of their own and leave nothing running") {
  const TempDir directory;
  const auto check = run_wsbench({"check", suite(directory, json::object()), "--local"});
  INFO(check.out << check.err);
  CHECK(check.exit_code == 0);
  const auto servers = run_wsbench({"servers", "--local", "--json"});
  CHECK(servers.exit_code == 0);
  CHECK(json::parse(servers.out).size() >= 7);
}
