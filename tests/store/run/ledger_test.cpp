#include "store/run/ledger.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/store/temp_directory.hpp"

using namespace wsbench::store;
using Documents = std::vector<std::pair<std::string, std::string>>;

namespace {

std::unique_ptr<Ledger> open(const std::filesystem::path& directory) {
  auto ledger = Ledger::open(directory);
  if (!ledger) FAIL(ledger.error().message);
  return std::move(*ledger);
}

}  // namespace

TEST_CASE("a ledger is made where there is none, and keeps its documents") {
  const TempDirectory root;
  const auto directory = root.path() / "deep" / "ledger";
  {
    const auto ledger = open(directory);
    REQUIRE(ledger->write({{"job/2", "two"}, {"job/1", "one"}, {"next", "3"}}));
  }
  const auto ledger = open(directory);
  CHECK(*ledger->list("job/") == Documents{{"job/1", "one"}, {"job/2", "two"}});
  CHECK(*ledger->get("next") == "3");
  CHECK(*ledger->get("last") == std::nullopt);
}

TEST_CASE("a ledger's batch replaces and removes") {
  const TempDirectory root;
  const auto ledger = open(root.path());
  REQUIRE(ledger->write({{"a", "1"}, {"b", "1"}}));
  REQUIRE(ledger->write({{"a", "2"}, {"b", std::nullopt}, {"never-there", std::nullopt}}));
  CHECK(*ledger->list("") == Documents{{"a", "2"}});
}

TEST_CASE("a ledger belongs to one holder at a time, and the other is told so by name") {
  const TempDirectory root;
  const auto first = open(root.path());
  const auto second = Ledger::open(root.path());
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == Error::Kind::locked);
  CHECK(second.error().message.find(root.path().string()) != std::string::npos);
}

TEST_CASE("a directory that cannot be made is an error that names it") {
  const auto ledger = Ledger::open("/proc/wsbench/ledger");
  REQUIRE_FALSE(ledger);
  CHECK(ledger.error().kind == Error::Kind::io);
  CHECK(ledger.error().message.find("/proc/wsbench/ledger") != std::string::npos);
}
