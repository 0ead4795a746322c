#include "store/runs.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/store/temp_directory.hpp"

using namespace wsbench::store;
using namespace std::chrono_literals;

namespace {

// 2026-11-22 21:30:00 UTC.
const std::chrono::system_clock::time_point kTime{1795383000s};

}  // namespace

TEST_CASE("a run's directory is named by suite and time") {
  CHECK(run_directory_name("small-scale", kTime + 999ms) == "small-scale-20261122T213000Z");
}

TEST_CASE("runs are listed from the oldest to the newest, and nothing else is") {
  const TempDirectory root;
  for (const auto& [suite, time] : {std::pair{"b-suite", kTime}, {"a", kTime + 1s}, {"c", kTime - 24h}})
    REQUIRE(Run::create(root.path() / run_directory_name(suite, time)));
  std::filesystem::create_directory(root / "empty-20261122T213000Z");
  std::filesystem::create_directory(root / "-20261122T213000Z");
  REQUIRE(Run::create(root / "named-otherwise"));
  REQUIRE(Run::create(root / "thirteenth-20261322T213000Z"));
  std::ofstream(root / "file-20261122T213000Z") << "x";

  const auto runs = list_runs(root.path());
  REQUIRE(runs);
  std::vector<std::string> suites;
  for (const RunDirectory& run : *runs) {
    suites.push_back(run.suite);
    CHECK(run.path == root.path() / run_directory_name(run.suite, run.time));
  }
  CHECK(suites == std::vector<std::string>{"c", "b-suite", "a"});
}

TEST_CASE("no root, no runs; a root that cannot be read is an error") {
  const TempDirectory root;
  CHECK(list_runs(root / "none").value().empty());
  std::ofstream(root / "file") << "x";
  CHECK_FALSE(list_runs(root / "file"));
}
