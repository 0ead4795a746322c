#include "orchestrator/conformance/contestant_files.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/temp_dir.hpp"

using namespace wsbench::conformance;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

/// A competition of one contestant, x-y, which is complete until something is changed.
class Competition {
 public:
  Competition() {
    fs::create_directories(path() / "servers");
    fs::create_directories(path() / "x-y");
    write("servers/x-y.ini", "[program:x-y]\ncommand=true\n");
    write("x-y/contestant.json", manifest.dump());
  }

  const fs::path& path() const { return directory_.path(); }
  void write(std::string_view file, std::string_view text) const { directory_.write(file, text); }

  /// The only thing wrong, less the name before it; "" when nothing is, "several" when more is.
  std::string finding(const json& changed) const {
    write("x-y/contestant.json", changed.dump());
    return finding();
  }
  std::string finding() const {
    const auto findings = check_contestant_files(path(), "x-y");
    if (findings.empty()) return {};
    if (findings.size() > 1) return "several";
    CHECK(findings.front().level == wsbench::util::Finding::Level::error);
    return findings.front().text.substr(findings.front().text.find(": ") + 2);
  }

  const json manifest = {{"language", "X"},
                         {"platform", "y"},
                         {"packages", {"libx"}},
                         {"needs", json::array()},
                         {"build_packages", json::array()},
                         {"build", ""},
                         {"check", "true"},
                         {"version", "echo 1"},
                         {"processes", "1"},
                         {"notes", "X."},
                         {"cannot", json::array()},
                         {"expected", json::object()}};

 private:
  wsbench::test::TempDir directory_;
};

}  // namespace

TEST_CASE("a name is language and platform") {
  for (const auto* name : {"node-ws", "python-tornado-N", "cpp-qt6", "haskell-warp-2"}) {
    CHECK(is_contestant_name(name));
  }
  for (const auto* name : {"", "node", "Node-ws", "node-", "-ws", "node--ws", "node_ws", "c++-beast",
                           "node-ws-X", "node ws", "node-ws-", "-N", "node-N"}) {
    INFO(name);
    CHECK_FALSE(is_contestant_name(name));
  }
}

TEST_CASE("every contestant of the competition is complete") {
  const fs::path competition = WSBENCH_COMPETITION_FOLDER;
  const auto names = contestants_in(competition);
  CHECK(names.size() >= 7);
  for (const auto& name : names) {
    for (const auto& finding : check_contestant_files(competition, name)) FAIL_CHECK(finding.text);
  }
}

TEST_CASE("a contestant with both of its files has nothing missing") {
  const Competition competition;
  CHECK(competition.finding().empty());
  competition.write("servers/x-y.ini", "[program:x-y]\ncommand = true\n");
  CHECK(competition.finding().empty());
  CHECK(contestants_in(competition.path()) == std::vector<std::string>{"x-y"});
}

TEST_CASE("a file that is missing is named") {
  const Competition competition;
  SECTION("no ini") {
    fs::remove(competition.path() / "servers/x-y.ini");
    CHECK_THAT(competition.finding(), Catch::Contains("no servers/x-y.ini"));
  }
  SECTION("no manifest") {
    fs::remove(competition.path() / "x-y/contestant.json");
    CHECK_THAT(competition.finding(), Catch::Contains("no x-y/contestant.json"));
  }
  SECTION("an ini of another program") {
    competition.write("servers/x-y.ini", "[program:x-z]\ncommand=true\n");
    CHECK_THAT(competition.finding(), Catch::Contains("it has [program:x-z]"));
  }
  SECTION("an ini without a command") {
    competition.write("servers/x-y.ini", "[program:x-y]\n;command=true\ncommand=\nstartsecs=0\n");
    CHECK_THAT(competition.finding(), Catch::Contains("no command="));
  }
  CHECK(contestants_in(competition.path()) == std::vector<std::string>{"x-y"});
}

TEST_CASE("what is wrong in a manifest is named") {
  const Competition competition;
  auto changed = competition.manifest;
  SECTION("no JSON") {
    competition.write("x-y/contestant.json", "{\n  \"language\": }");
    CHECK_THAT(competition.finding(), Catch::Contains("line 2"));
  }
  SECTION("no object") {
    CHECK_THAT(competition.finding(json::array()), Catch::Contains("not an object"));
  }
  SECTION("a missing key") {
    changed.erase("notes");
    CHECK_THAT(competition.finding(changed), Catch::Contains("lacks \"notes\""));
  }
  SECTION("an unknown key") {
    changed["homepage"] = "x";
    CHECK_THAT(competition.finding(changed), Catch::Contains("no such key as \"homepage\""));
  }
  SECTION("a misspelt key") {
    changed["expcted"] = json::object();
    CHECK_THAT(competition.finding(changed), Catch::Contains("did you mean \"expected\"?"));
  }
  SECTION("a value of another type") {
    changed["packages"] = "libx";
    CHECK_THAT(competition.finding(changed), Catch::Contains("\"packages\" must be an array of strings"));
  }
  SECTION("an array of something else") {
    changed["cannot"] = {1};
    CHECK_THAT(competition.finding(changed), Catch::Contains("\"cannot\" must be an array of strings"));
  }
  SECTION("a rule that is none") {
    changed["expected"] = {{"pings", "why not"}};
    CHECK_THAT(competition.finding(changed), Catch::Contains("did you mean \"ping\"?"));
  }
  SECTION("an expectation without a reason") {
    changed["expected"] = {{"ping", ""}};
    CHECK_THAT(competition.finding(changed), Catch::Contains("does not say why"));
  }
}
