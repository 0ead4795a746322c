#include <signal.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/e2e/bench.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

using namespace std::chrono_literals;
using namespace wsbench::test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The rules of a contestant whose verdict is this one.
std::set<std::string> rules_with(const json& contestant, std::string_view verdict) {
  std::set<std::string> rules;
  for (const auto& rule : contestant.at("rules")) {
    if (rule.at("verdict") == verdict) rules.insert(rule.at("rule").get<std::string>());
  }
  return rules;
}

std::map<std::string, json> by_name(const Ended& ended) {
  std::map<std::string, json> contestants;
  const auto document = json::parse(ended.out);
  for (const auto& contestant : document.at("contestants"))
    contestants[contestant.at("name").get<std::string>()] = contestant;
  return contestants;
}

/// A copy of the competition, to be changed.
class Copy {
 public:
  Copy() {
    fs::create_directories(folder() / "build");
    const fs::path original = std::string(WSBENCH_SOURCE) + "/competition";
    for (const auto* part : {"serve", "supervisord.conf", "monitor", "cpp-websocketpp", "node-ws",
                             "servers/cpp-websocketpp.ini", "servers/node-ws.ini", "build/cpp-websocketpp"}) {
      fs::create_directories((folder() / part).parent_path());
      fs::copy(original / part, folder() / part, fs::copy_options::recursive);
    }
  }

  fs::path folder() const { return directory_.path() / "competition"; }

  void change(const std::string& contestant, const json& changes) const {
    const auto file = folder() / contestant / "contestant.json";
    auto manifest = json::parse(std::ifstream(file));
    manifest.merge_patch(changes);
    std::ofstream(file) << manifest;
  }

  Ended run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(),
                     {"/usr/bin/env", "WSBENCH_COMPETITION=" + folder().string(), WSBENCH_PROGRAM});
    return Program(std::move(arguments)).wait(90s);
  }

 private:
  TempDir directory_;
};

std::vector<std::string> at(Bench& bench, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "conformance");
  arguments.insert(arguments.end(),
                   {"-s", bench.supervisord().url(), "--port", std::to_string(bench.port())});
  return arguments;
}

}  // namespace

TEST_CASE("contestants of the competition keep its rules, on a supervisord of their own") {
  const auto ended = run_wsbench({"conformance", "cpp-websocketpp", "node-ws", "--local", "--json"}, 120s);
  INFO(ended.err);
  CHECK(ended.exit_code == 0);
  const auto contestants = by_name(ended);
  REQUIRE(contestants.size() == 2);
  for (const auto& [name, contestant] : contestants) {
    INFO(name << "\n" << contestant.dump(1));
    CHECK(contestant.at("conforms") == true);
    CHECK(rules_with(contestant, "failed").empty());
    CHECK(contestant.at("rules").size() == 22);
  }
  CHECK(has(ended.err, "[2/2] node-ws: conforms"));
}

TEST_CASE("a contestant that breaks a rule fails by the rule's name, and the next is tried all the same") {
  Bench bench;
  const auto ended = run_wsbench(at(bench, {"exclusive", "stubborn", "dies", "--json"}), 170s);
  INFO(ended.err);
  CHECK(ended.exit_code == 1);
  const auto contestants = by_name(ended);
  REQUIRE(contestants.size() == 3);
  CHECK(rules_with(contestants.at("exclusive"), "failed") ==
        std::set<std::string>{"invalid_utf8", "clients_200", "clients_2000"});
  CHECK(rules_with(contestants.at("stubborn"), "failed") == std::set<std::string>{"invalid_utf8", "sigterm"});
  // Its patience ends in the first crowd at the latest; it is not there for what comes after.
  CHECK(rules_with(contestants.at("dies"), "failed").count("clients_2000") == 1);
  CHECK(rules_with(contestants.at("dies"), "failed").count("sigterm") == 1);
  for (const auto& [name, contestant] : contestants) CHECK_FALSE(bench.is_up(name));
}

TEST_CASE("a contestant that does not come up is told with the reason") {
  Bench bench;
  const auto ended = run_wsbench(at(bench, {"wrong-bytes", "exits", "missing", "--json"}), 120s);
  INFO(ended.err);
  CHECK(ended.exit_code == 1);
  const auto contestants = by_name(ended);
  REQUIRE(contestants.size() == 3);
  for (const auto& [name, contestant] : contestants) {
    CHECK(contestant.at("state") == "not_started");
    CHECK(contestant.at("conforms") == false);
    CHECK_FALSE(bench.is_up(name));
  }
  CHECK(has(contestants.at("wrong-bytes").at("message").get<std::string>(), "came other bytes"));
  CHECK(has(contestants.at("exits").at("message").get<std::string>(), "cannot find my keys"));
  CHECK(has(contestants.at("missing").at("message").get<std::string>(), "command is missing"));
}

TEST_CASE("what a manifest expects is no failure, and what passes nevertheless is told") {
  const Copy copy;
  copy.change("node-ws", {{"expected", {{"ping", "said to have no pongs"}}}});
  copy.change("cpp-websocketpp", {{"check", "echo 'no compiler'; false"}});
  const auto ended = copy.run({"conformance", "--all", "--local"});
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(has(ended.out, "node-ws: ping: said to have no pongs"));
  CHECK(has(ended.out, "cpp-websocketpp: needs libwebsocketpp-dev libasio-dev (no compiler)"));
  CHECK(has(ended.out, "1 of 1 conform, 1 not installed."));
}

TEST_CASE("an interrupt stops the contestant that is being tried") {
  Bench bench;
  Program trying(wsbench_command(at(bench, {"silent", "good"})));
  REQUIRE(trying.says("[1/2] silent", 20s));
  trying.signal(SIGINT);
  const auto ended = trying.wait(20s);
  INFO(ended.err);
  CHECK(ended.exit_code == 130);
  CHECK_FALSE(bench.is_up("silent"));
  CHECK_FALSE(has(ended.err, "[2/2]"));
}

TEST_CASE("a contestant that is not there is a mistake of the command line") {
  Bench bench;
  const auto ended = run_wsbench(at(bench, {"godo"}));
  CHECK(ended.exit_code == 2);
  CHECK(has(ended.err, "did you mean good?"));
  CHECK(run_wsbench({"conformance"}).exit_code == 2);
  CHECK(run_wsbench({"conformance", "good", "--all"}).exit_code == 2);
  CHECK(run_wsbench({"conformance", "good", "-s", "http://127.0.0.1:1"}).exit_code == 3);
}

TEST_CASE("check --contestants names what a contestant that is being added lacks") {
  const Copy copy;
  const auto complete = copy.run({"check", "--contestants"});
  INFO(complete.out << complete.err);
  CHECK(complete.exit_code == 0);
  CHECK(has(complete.out, "complete: 2 can be started here"));

  copy.change("cpp-websocketpp", {{"check", "echo 'no compiler'; false"}});
  fs::create_directories(copy.folder() / "Lisp");
  std::ofstream(copy.folder() / "Lisp" / "contestant.json") << "{}";
  std::ofstream(copy.folder() / "servers" / "forth-gforth.ini")
      << "[program:forth-gforth]\ncommand=/nowhere\n";
  const auto incomplete = copy.run({"check", "--contestants"});
  INFO(incomplete.out << incomplete.err);
  CHECK(incomplete.exit_code == 1);
  CHECK(has(incomplete.out, "Lisp: a name is {language}-{platform}"));
  CHECK(has(incomplete.out, "Lisp: no servers/Lisp.ini"));
  CHECK(has(incomplete.out, "Lisp: contestant.json lacks \"platform\""));
  CHECK(has(incomplete.out, "forth-gforth: no forth-gforth/contestant.json"));
  CHECK(has(incomplete.out, "cpp-websocketpp: not installed: no compiler"));

  fs::copy(copy.folder() / "node-ws", copy.folder() / "forth-gforth", fs::copy_options::recursive);
  copy.change("forth-gforth", {{"check", "true"}});
  const auto unready = copy.run({"check", "--contestants", "forth-gforth"});
  INFO(unready.out << unready.err);
  CHECK(unready.exit_code == 1);
  CHECK(has(unready.out, "forth-gforth: its command is not there"));
}
