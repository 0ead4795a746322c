#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

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

/// A competition of these contestants alone, however many are installed here; what they consist of is linked.
std::filesystem::path competition_of(const TempDir& directory, const std::vector<std::string>& names) {
  const std::filesystem::path source = std::filesystem::path(WSBENCH_SOURCE) / "competition";
  const auto made = directory.path() / "competition";
  std::filesystem::create_directories(made / "servers");
  for (const auto& entry : std::filesystem::directory_iterator(source)) {
    if (entry.path().filename() != "servers")
      std::filesystem::create_symlink(entry.path(), made / entry.path().filename());
  }
  for (const auto& name : names)
    std::filesystem::copy_file(source / "servers" / (name + ".ini"), made / "servers" / (name + ".ini"));
  return made;
}

Ended run_with(const std::filesystem::path& competition, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   {"/usr/bin/env", "WSBENCH_COMPETITION=" + competition.string(), WSBENCH_PROGRAM});
  return Program(arguments).wait(90s);
}

/// The rows of events.csv that are samples of the server, "timestamp,server,,metric,value,phase,round" each,
/// and when the first client began to connect.
struct Samples {
  std::map<std::string, double> values;  ///< by metric: of its first sample
  std::uint64_t first = 0, first_client = 0;
};

Samples samples_in(const std::string& events) {
  Samples found;
  std::istringstream lines(events);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    if (cells.at(1) == "ws_init" && found.first_client == 0) found.first_client = std::stoull(cells[0]);
    if (cells.at(1) != "server") continue;
    if (found.first == 0) found.first = std::stoull(cells[0]);
    found.values.emplace(cells.at(3), std::stod(cells.at(4)));
  }
  return found;
}

const std::vector<std::string> kNames{"cpp-websocketpp", "node-ws", "perl-ev", "python-tornado-N"};

}  // namespace

TEST_CASE("run --local measures every installed contestant of the competition on a supervisord of its own") {
  const TempDir directory;
  const auto ended = run_with(competition_of(directory, kNames),
                              {"run", suite(directory, json::object()), "--local", "--json"});
  INFO(ended.err);
  CHECK(ended.measured_all());
  const auto results = json::parse(ended.out);
  CHECK(results.at("complete") == true);
  CHECK(results.at("same_machine") == true);
  CHECK(results.at("server_machine").contains("kernel"));
  CHECK(results.at("contestants").size() == kNames.size());
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

TEST_CASE("the first sample, of the server without clients, has the PSS and what its machine's CPUs do") {
  const TempDir directory;
  const auto competition = competition_of(directory, {"cpp-websocketpp"});
  const auto ended = run_with(competition, {"run", suite(directory, {{"calibrate", false}}), "--local"});
  INFO(ended.err << ended.out);
  REQUIRE(ended.measured_all());
  const auto run = std::filesystem::directory_iterator(directory.path() / "runs")->path().string();
  const auto events = run_wsbench({"export", run, "cpp-websocketpp", "--table", "events", "-o", "-"});
  REQUIRE(events.exit_code == 0);
  const auto samples = samples_in(events.out);
  CHECK(samples.first < samples.first_client);
  const auto value = [&](const char* metric) {
    INFO(metric);
    REQUIRE(samples.values.count(metric) == 1);
    return samples.values.at(metric);
  };
  CHECK(value("connections") == 0);
  CHECK(value("pss_bytes") > 1e5);
  CHECK(value("pss_bytes") <= value("rss_bytes"));
  CHECK(value("run_queue_wait_nanoseconds") >= 0);
  CHECK(value("machine_cpu_nanoseconds") > 1e9);
  CHECK(value("machine_steal_nanoseconds") < value("machine_cpu_nanoseconds"));
}

TEST_CASE("a contestant whose platform is not installed is reported with its packages and fails nothing") {
  const TempDir directory;
  const auto competition = competition_of(directory, {"cpp-websocketpp", "python-websockets"});
  const auto folder = competition / "python-websockets";
  const auto original = std::filesystem::read_symlink(folder);
  std::filesystem::remove(folder);
  std::filesystem::copy(original, folder);
  const auto manifest = folder / "contestant.json";
  auto document = json::parse(std::ifstream(manifest));
  document["check"] = "false";
  std::ofstream(manifest) << document;

  const auto ended = run_with(
      competition,
      {"run", suite(directory, {{"servers", {"python-websockets", "cpp-websocketpp"}}, {"calibrate", false}}),
       "--local"});
  INFO(ended.err << ended.out);
  CHECK(ended.measured_all());
  CHECK(ended.out.find("not installed: needs python3-websockets") != std::string::npos);
}

TEST_CASE("check --local and servers --local ask a supervisord of their own and leave nothing running") {
  const TempDir directory;
  const auto competition = competition_of(directory, kNames);
  const auto check = run_with(competition, {"check", suite(directory, json::object()), "--local"});
  INFO(check.out << check.err);
  CHECK(check.exit_code == 0);
  const auto servers = run_with(competition, {"servers", "--local", "--json"});
  CHECK(servers.exit_code == 0);
  CHECK(json::parse(servers.out).size() == kNames.size());
}
