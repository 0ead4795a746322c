#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "orchestrator/control/api/routes.hpp"
#include "tests/orchestrator/control/fake_host.hpp"

using namespace wsbench;
using namespace wsbench::control::api;
using namespace wsbench::control::state;
using namespace wsbench::control::web;
using namespace wsbench::test;
using nlohmann::json;

namespace {

Response ask(FakeHost& host, std::string method, std::string path, std::string body = "",
             std::string query = "") {
  Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.query = std::move(query);
  request.body = std::move(body);
  const auto match = match_route(api_routes(), request.method, request.path);
  INFO(request.method << " " << request.path);
  REQUIRE(match.route != nullptr);
  return match.route->answer({host, request, match.captured});
}

}  // namespace

TEST_CASE("a path is matched part by part, and its places are captured") {
  const auto match = match_route(api_routes(), "POST", "/api/suites/smoke-2/contestants/node-ws/skip");
  REQUIRE(match.route != nullptr);
  CHECK(match.captured == std::vector<std::string>{"smoke-2", "node-ws"});
  for (const auto* path : {"", "/", "/api", "/api/", "/api/status/", "/api/statusx", "/api/runs/",
                           "/api/runs//report", "api/status", "/api/runs/a/b", "/api/suites/a/cancel/"}) {
    INFO(path);
    const auto none = match_route(api_routes(), "GET", path);
    CHECK(none.route == nullptr);
    CHECK(none.allowed.empty());
  }
}

TEST_CASE("a path that has another method tells it") {
  CHECK(match_route(api_routes(), "DELETE", "/api/suites").allowed == "POST");
  CHECK(match_route(api_routes(), "POST", "/api/status").allowed == "GET");
}

TEST_CASE("the status is JSON") {
  FakeHost host;
  const auto response = ask(host, "GET", "/api/status");
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/json");
  CHECK(json::parse(response.body)["jobs"][0]["group"] == "smoke-2");
}

TEST_CASE("the end of the daemon's log is text, as much as is asked for") {
  FakeHost host;
  CHECK(ask(host, "GET", "/api/log").body == "the daemon's first line\nits second\n");
  CHECK(ask(host, "GET", "/api/log", "", "bytes=11").body == "its second\n");
  for (const auto* query :
       {"bytes=", "bytes=x", "bytes=0", "bytes=-5", "bytes=5x", "byte=5", "bytes=99999999999999999999"}) {
    INFO(query);
    CHECK(ask(host, "GET", "/api/log", "", query).status == 400);
  }
  host.set_log(std::string(2'000'000, 'x'));
  CHECK(ask(host, "GET", "/api/log", "", "bytes=1999999").body.size() == 1024 * 1024);
}

TEST_CASE("runs are listed, and a run gives its results and its tables") {
  FakeHost host;
  const auto runs = json::parse(ask(host, "GET", "/api/runs").body);
  CHECK(runs[0] == json({{"run", "smoke-20261123T000000Z"},
                         {"suite", "smoke"},
                         {"began", 1795392002.0},
                         {"state", "unfinished"},
                         {"contestants", 6},
                         {"bytes", 1234}}));
  CHECK(runs[1]["state"] == "complete");
  for (const auto* path : {"/api/runs/smoke-20261122T000000Z", "/runs/smoke-20261122T000000Z/results.json"}) {
    const auto result = ask(host, "GET", path);
    CHECK(result.content_type == "application/json");
    CHECK(result.body == R"({"schema_version": 1})");
  }
  const auto report = ask(host, "GET", "/api/runs/smoke/report");
  CHECK(report.content_type.starts_with("text/plain"));
  CHECK(report.body == "rank  contestant\n");
  CHECK(ask(host, "GET", "/api/runs/nothing").status == 404);
}

TEST_CASE("a run's name that is none never reaches the host") {
  FakeHost host;
  host.refuse_all(Refusal{Refusal::Kind::failed, "the host was asked"});
  for (const auto* path : {"/api/runs/..", "/api/runs/.hidden", "/api/runs/a b", "/api/runs/../report",
                           "/runs/../results.json"}) {
    INFO(path);
    CHECK(ask(host, "GET", path).status == 404);
  }
}

TEST_CASE("a suite is submitted by an object or a text, and its job comes back") {
  FakeHost host;
  const auto response = ask(
      host, "POST", "/api/suites",
      R"({"name": "night", "config": {"host": "x"}, "overrides": [["clients", 5], ["path", "/"]], "local": true})");
  CHECK(response.status == 201);
  const auto job = json::parse(response.body);
  CHECK(job["number"] == 5);
  CHECK(job["group"] == "night");
  CHECK(ask(host, "POST", "/api/suites", R"({"name": "smoke", "config": "text"})").status == 201);
  CHECK(host.calls() ==
        std::vector<std::string>{"submit night local=true clients=5 path=/", "submit smoke local=false"});
}

TEST_CASE("a suite file that is wrong gives its findings, a line each") {
  FakeHost host;
  const auto response = ask(host, "POST", "/api/suites", R"({"name": "night", "config": "{"})");
  CHECK(response.status == 400);
  CHECK(json::parse(response.body)["findings"] ==
        json::array({"line 1: a } is missing", "host: is missing"}));
}

TEST_CASE("a body that is no submission says what it must be") {
  FakeHost host;
  const auto [body, error] = GENERATE(table<const char*, const char*>({
      {"", "not JSON"},
      {"{", "not JSON"},
      {R"({"name": "x", "config": "", "local": 1e999})", "the number 1e999 is too large"},
      {"[]", "an object"},
      {"{}", "is missing"},
      {R"({"name": "../x", "config": ""})", "name: "},
      {R"({"name": "x"})", "config: is missing"},
      {R"({"name": "x", "config": 7})", "config: "},
      {R"({"name": "x", "config": "", "overrides": {}})", "overrides: "},
      {R"({"name": "x", "config": "", "overrides": [["a"]]})", "overrides: "},
      {R"({"name": "x", "config": "", "local": 1})", "local: "},
      {R"({"name": "x", "config": "", "locl": true})", "locl: unknown member"},
  }));
  const auto response = ask(host, "POST", "/api/suites", body);
  INFO(body << " " << response.body);
  CHECK(response.status == 400);
  const auto document = json::parse(response.body);
  CHECK(document["error"].get<std::string>().find(error) != std::string::npos);
  CHECK(document["findings"].empty());
  CHECK(host.calls().empty());
}

TEST_CASE("a submission that is nested to wear the stack down is refused") {
  FakeHost host;
  const auto body = R"({"name": "x", "config": )" + std::string(100'000, '[');
  const auto response = ask(host, "POST", "/api/suites", body);
  CHECK(response.status == 400);
  CHECK(json::parse(response.body)["error"] ==
        "not JSON: line 1, column 40: objects and arrays are nested more than 16 deep");
}

TEST_CASE("a suite is cancelled, submitted again, and a contestant skipped") {
  FakeHost host;
  const auto cancelled = ask(host, "POST", "/api/suites/full/cancel");
  CHECK(cancelled.status == 200);
  CHECK(json::parse(cancelled.body)["state"] == "cancelled");
  CHECK(ask(host, "POST", "/api/suites/full/cancel").status == 409);
  CHECK(ask(host, "POST", "/api/suites/nobody/cancel").status == 404);

  const auto again = ask(host, "POST", "/api/suites/smoke/again");
  CHECK(again.status == 201);
  CHECK(json::parse(again.body)["group"] == "smoke-3");
  CHECK(ask(host, "POST", "/api/suites/smoke-2/again").status == 409);
  CHECK(ask(host, "POST", "/api/suites/nobody/again").status == 404);

  const auto skipped = ask(host, "POST", "/api/suites/smoke-2/contestants/node-ws/skip");
  CHECK(skipped.status == 200);
  CHECK(json::parse(skipped.body)["contestants"][3]["description"] == "skipped");
  CHECK(ask(host, "POST", "/api/suites/smoke-2/contestants/go-gorilla/skip").status == 409);
  CHECK(ask(host, "POST", "/api/suites/smoke-2/contestants/nobody/skip").status == 404);
}

TEST_CASE("what the environment refuses is 503 with the reason, what a foreground run does 409") {
  FakeHost host;
  host.refuse_all(Refusal{Refusal::Kind::failed, "the disk is full"});
  const auto response = ask(host, "POST", "/api/suites/full/cancel");
  CHECK(response.status == 503);
  CHECK(json::parse(response.body)["error"] == "the disk is full");
  host.refuse_all(Refusal{Refusal::Kind::not_here, "no"});
  CHECK(ask(host, "POST", "/api/suites/smoke/again").status == 409);
}

TEST_CASE("the metrics are served as Prometheus' text format") {
  FakeHost host;
  const auto response = ask(host, "GET", "/metrics");
  CHECK(response.content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(response.body.find("wsbench_jobs{state=\"running\"} 1\n") != std::string::npos);
}
