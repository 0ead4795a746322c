#include "orchestrator/daemon/archive.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "orchestrator/results/results_file.hpp"
#include "tests/orchestrator/results/results.hpp"
#include "tests/support/temp_dir.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using namespace wsbench::daemon;
using wsbench::control::state::Refusal;
using wsbench::test::TempDir;

namespace {

void make_run(const TempDir& root, const std::string& name, bool measured) {
  auto run = store::Run::create(root.path() / name);
  REQUIRE(run);
  results::Manifest manifest;
  manifest.suite = "smoke";
  manifest.config = nlohmann::json::object();
  manifest.contestants = nlohmann::json::object();
  manifest.turns = {{0, "node-ws"}};
  REQUIRE(results::save_manifest(**run, manifest));
  if (measured) REQUIRE(results::save_result(**run, test::completed_round("node-ws", 2ms)));
  REQUIRE(results::write_results_file(**run));
}

}  // namespace

TEST_CASE("runs are listed from the latest on, with what they hold; other folders are no runs") {
  const TempDir root;
  make_run(root, "smoke-20261122T000000Z", true);
  make_run(root, "smoke-20261123T000000Z", false);
  std::filesystem::create_directory(root.path() / "queue");
  Archive archive(root.path());
  // The second time from memory.
  for (int i = 0; i < 2; ++i) {
    const auto runs = archive.runs();
    REQUIRE(runs);
    REQUIRE(runs->size() == 2);
    CHECK(runs->at(0).run == "smoke-20261123T000000Z");
    CHECK_FALSE(runs->at(0).complete);
    const auto& first = runs->at(1);
    CHECK((first.suite == "smoke" && first.complete && first.contestants == 1 && first.bytes > 1000));
  }
}

TEST_CASE("a run's results and its tables are told, and an absent one is not found") {
  const TempDir root;
  make_run(root, "smoke-20261122T000000Z", true);
  const Archive archive(root.path());
  const auto result = archive.result("smoke-20261122T000000Z");
  REQUIRE(result);
  CHECK(nlohmann::json::parse(*result).at("complete") == true);
  CHECK(archive.report("smoke-20261122T000000Z")->find("node-ws") != std::string::npos);
  CHECK(archive.result("smoke-20261124T000000Z").error().kind == Refusal::Kind::not_found);
}

TEST_CASE("no name leads out of db_root") {
  const TempDir root;
  make_run(root, "smoke-20261122T000000Z", true);
  const auto inner = root.path() / "inner";
  std::filesystem::create_directory(inner);
  const Archive archive(inner);
  for (const auto* name : {"../smoke-20261122T000000Z", "..", ".", "", "/etc", "./../smoke-20261122T000000Z",
                           "x/../../smoke-20261122T000000Z"}) {
    INFO(name);
    CHECK(archive.result(name).error().kind == Refusal::Kind::not_found);
  }
}
