#include <signal.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "rpc/endpoint.hpp"
#include "rpc/http_transport.hpp"
#include "rpc/supervisor.hpp"
#include "tests/e2e/bench.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
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

  void add(const std::string& program, std::string_view ini) const {
    std::ofstream(folder() / "servers" / (program + ".ini")) << ini;
  }

  std::vector<std::string> command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(),
                     {"/usr/bin/env", "WSBENCH_COMPETITION=" + folder().string(), WSBENCH_PROGRAM});
    return arguments;
  }

  Ended run(std::vector<std::string> arguments) const {
    return Program(command(std::move(arguments))).wait(90s);
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

rpc::Supervisor supervisor_of(Bench& bench) {
  return rpc::Supervisor(rpc::make_http_transport(rpc::parse_endpoint(bench.supervisord().url()).value()));
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
  CHECK(contestants.at("dies").at("conforms") == false);
  CHECK(has(contestants.at("dies").at("message").get<std::string>(),
            "exit status 7; it said: out of patience"));
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

TEST_CASE("what was running before, and what a contestant leaves behind, does not spoil the next") {
  Bench bench;
  auto supervisor = supervisor_of(bench);
  REQUIRE(supervisor.start_process("better"));
  // The worker of "orphans", whose leader has gone, listens and says nothing.
  const auto ended = run_wsbench(at(bench, {"orphans", "good", "better", "--json"}), 170s);
  INFO(ended.err);
  CHECK(ended.exit_code == 1);
  CHECK(has(ended.err, "better was running and has been stopped"));
  CHECK(has(ended.err, "supervisord has no wsbench plug-in"));
  const auto contestants = by_name(ended);
  REQUIRE(contestants.size() == 3);
  CHECK(contestants.at("orphans").at("state") == "not_started");
  CHECK(has(contestants.at("orphans").at("message").get<std::string>(), "1 of its processes lived on"));
  CHECK(contestants.at("good").at("conforms") == true);
  CHECK(contestants.at("better").at("conforms") == true);
}

TEST_CASE("a port that is taken is not explained by what a contestant said another time") {
  Bench bench;
  const auto before = by_name(run_wsbench(at(bench, {"exits", "--json"})));
  CHECK(has(before.at("exits").at("message").get<std::string>(), "it said: cannot find my keys"));
  Program stranger(wsbench_command({"null-echo", "--port", std::to_string(bench.port())}));
  const auto until = std::chrono::steady_clock::now() + 20s;
  std::string message;
  do {
    message =
        by_name(run_wsbench(at(bench, {"exits", "--json"}))).at("exits").at("message").get<std::string>();
  } while (!has(message, "already listens") && std::chrono::steady_clock::now() < until);
  CHECK(has(message, "something else already listens"));
  CHECK_FALSE(has(message, "cannot find my keys"));
}

TEST_CASE("the programs of a stock supervisord are no contestants, and are left alone") {
  Bench bench;
  auto supervisor = supervisor_of(bench);
  REQUIRE(supervisor.start_process("good"));
  const auto ended = run_wsbench(at(bench, {"--all"}));
  INFO(ended.err);
  CHECK(ended.exit_code == 3);
  CHECK(has(ended.err, "has no contestants"));
  CHECK(has(ended.err, "competition/serve"));
  CHECK(bench.is_up("good"));
}

TEST_CASE("a manifest that cannot be read is told, and what has none is left out of all") {
  const Copy copy;
  copy.change("node-ws", {{"expected", {{"ping", 1}}}});
  copy.add("mailer", "[program:mailer]\ncommand=/bin/sleep 60\nautostart=false\n");
  fs::remove(copy.folder() / "servers" / "cpp-websocketpp.ini");
  const auto ended = copy.run({"conformance", "--all", "--local", "--json"});
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 1);
  const auto contestants = by_name(ended);
  REQUIRE(contestants.size() == 1);
  CHECK(contestants.at("node-ws").at("state") == "tried");
  CHECK(contestants.at("node-ws").at("conforms") == false);
  CHECK(has(contestants.at("node-ws").at("message").get<std::string>(), "its manifest cannot be read"));
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
  copy.add("forth-gforth", "[program:forth-gforth]\ncommand=/nowhere\n");
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
  CHECK(has(unready.out, "forth-gforth: its command does not exist, although its \"check\" passes"));
}

TEST_CASE("check --contestants finds a version that says nothing, and an ini that supervisord refuses") {
  const Copy copy;
  copy.change("node-ws", {{"version", "true"}});
  const auto mute = copy.run({"check", "--contestants", "node-ws"});
  INFO(mute.out << mute.err);
  CHECK(mute.exit_code == 1);
  CHECK(has(mute.out, "node-ws: its \"version\" prints nothing"));

  copy.add("cpp-websocketpp", "[program:cpp-websocketpp]\ncommand=/bin/true\nstartsecs=soon\n");
  const auto refused = copy.run({"check", "--contestants"});
  INFO(refused.out << refused.err);
  CHECK(refused.exit_code == 1);
  CHECK(has(refused.out, "ended at once: Error:"));
  CHECK(has(refused.out, "soon"));
  CHECK_FALSE(has(refused.out, "serve.log"));
}

TEST_CASE("check --contestants tells what it finds at once, and can be interrupted") {
  const Copy copy;
  copy.change("node-ws", {{"check", "sleep 9"}});
  Program checking(copy.command({"check", "--contestants"}));
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (!has(checking.out(), "ok ") && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(10ms);
  CHECK(has(checking.out(), "cpp-websocketpp"));
  checking.signal(SIGINT);
  const auto ended = checking.wait(60s);
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 130);
  CHECK_FALSE(has(ended.out, "node-ws"));
}
