#include "orchestrator/control/dispatcher.hpp"

#include <future>
#include <stdexcept>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "rpc/codec.hpp"
#include "tests/orchestrator/control/fake_host.hpp"
#include "tests/orchestrator/control/recording_answer.hpp"

using namespace std::chrono_literals;
using namespace wsbench;
using namespace wsbench::control;
using namespace wsbench::control::dashboard;
using namespace wsbench::control::state;
using namespace wsbench::control::web;
using namespace wsbench::test;
using nlohmann::json;

namespace {

constexpr Asset kPage{"/", "text/html; charset=utf-8", "\"abc\"", "<html>", false};
constexpr Asset kScript{"/dashboard/main.js", "text/javascript", "\"def\"", "\x1f\x8b", true};

const Asset* find_page(std::string_view path) {
  if (path == kPage.path) return &kPage;
  return path == kScript.path ? &kScript : nullptr;
}

const std::string* header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

struct Fixture {
  Fixture() : Fixture({64, 32, 1ms}) {}
  explicit Fixture(const DispatcherLimits& limits)
      : dispatcher({host, [](const Request&) { return std::nullopt; }, find_page}, limits) {}

  std::shared_ptr<Record> begin(Request request) {
    auto record = std::make_shared<Record>();
    dispatcher.handle(request, std::make_unique<RecordingAnswer>(record));
    return record;
  }
  std::shared_ptr<Record> begin(std::string method, std::string path, std::string body = "") {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.body = std::move(body);
    return begin(std::move(request));
  }
  Response ask(std::string method, std::string path, std::string body = "") {
    const auto response = begin(std::move(method), std::move(path), std::move(body))->response();
    REQUIRE(response.has_value());
    return *response;
  }

  FakeHost host;
  Dispatcher dispatcher;
};

std::string call(std::string method, rpc::Array params = {}) {
  return rpc::encode_call({std::move(method), std::move(params)});
}

}  // namespace

TEST_CASE_METHOD(Fixture, "XML-RPC is answered at /RPC2, at once or from the task thread") {
  const auto pid = ask("POST", "/RPC2", call("supervisor.getPID"));
  CHECK(pid.status == 200);
  CHECK(pid.content_type == "text/xml");
  CHECK(rpc::decode_response(pid.body) == rpc::Value(4242));
  const auto skipped = ask("POST", "/RPC2", call("supervisor.stopProcess", {"smoke-2:node-ws"}));
  CHECK(rpc::decode_response(skipped.body) == rpc::Value(true));
}

TEST_CASE_METHOD(Fixture, "a fault is an answer, a body that is no call is not") {
  const auto fault = ask("POST", "/RPC2", call("supervisor.getProcessInfo", {"a:b"}));
  CHECK(fault.status == 200);
  const auto decoded = rpc::decode_response(fault.body);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().is(rpc::FaultCode::bad_name));
  CHECK(decoded.error().message == "BAD_NAME: a:b");
  CHECK(ask("POST", "/RPC2", "<methodCall>").status == 400);
  CHECK(ask("POST", "/RPC2", "").status == 400);
  const auto get = ask("GET", "/RPC2");
  CHECK(get.status == 405);
  REQUIRE(header(get, "Allow") != nullptr);
  CHECK(*header(get, "Allow") == "POST");
}

TEST_CASE_METHOD(Fixture, "a call of more values than are ever meant is refused") {
  CHECK(ask("POST", "/RPC2", call("system.multicall", {rpc::Value(rpc::Array(30'000, rpc::Value(1)))}))
            .status == 400);
}

TEST_CASE_METHOD(Fixture, "the API is answered, at once or from the task thread") {
  CHECK(json::parse(ask("GET", "/api/status").body)["pid"] == 4242);
  CHECK(json::parse(ask("GET", "/api/runs").body).size() == 2);
  CHECK(ask("POST", "/api/suites/full/cancel").status == 200);
  const auto wrong = ask("GET", "/api/suites");
  CHECK(wrong.status == 405);
  CHECK(*header(wrong, "Allow") == "POST");
}

TEST_CASE_METHOD(Fixture, "what is at no path is 404, and what can only be looked at is 405 otherwise") {
  CHECK(ask("GET", "/nothing").status == 404);
  CHECK(ask("GET", "/api/nothing").status == 404);
  CHECK(ask("POST", "/nothing").status == 404);
  CHECK(ask("GET", "/RPC2/").status == 404);
  for (const auto* path : {"/", "/healthz", "/mainlogtail", "/logtail/a:b"}) {
    INFO(path);
    CHECK(ask("POST", path).status == 405);
  }
}

TEST_CASE_METHOD(Fixture, "the page is served with its policy, compressed files with their encoding") {
  const auto page = ask("GET", "/");
  CHECK(page.status == 200);
  CHECK(page.body == "<html>");
  CHECK(*header(page, "ETag") == "\"abc\"");
  CHECK(*header(page, "Cache-Control") == "no-cache");
  CHECK(*header(page, "Content-Security-Policy") == kDashboardPolicy);
  CHECK(header(page, "Content-Encoding") == nullptr);
  const auto script = ask("GET", "/dashboard/main.js");
  CHECK(*header(script, "Content-Encoding") == "gzip");
  CHECK(header(script, "Content-Security-Policy") == nullptr);
}

TEST_CASE_METHOD(Fixture, "a file that the browser has already is not sent again") {
  Request request;
  request.method = "GET";
  request.path = "/dashboard/main.js";
  request.headers = {{"if-none-match", "W/\"x\", \"def\""}};
  const auto response = begin(request)->response();
  REQUIRE(response.has_value());
  CHECK(response->status == 304);
  CHECK(response->body.empty());
  request.headers = {{"if-none-match", "\"older\""}};
  CHECK(begin(request)->response()->status == 200);
}

TEST_CASE_METHOD(Fixture, "wsbench is well until it ends") {
  CHECK(ask("GET", "/healthz").body == "ok\n");
  host.change([](Status& status) { status.stopping = true; });
  const auto response = ask("GET", "/healthz");
  CHECK(response.status == 503);
  CHECK(response.body == "stopping\n");
}

TEST_CASE_METHOD(Fixture, "a new reader of the feed is told everything, and the log's whole lines") {
  const auto hello = json::parse(dispatcher.greeting());
  CHECK(hello["type"] == "hello");
  CHECK(hello["status"]["pid"] == 4242);
  CHECK(hello["log"] == json::array({"the daemon's first line", "its second"}));
  host.set_log(std::string(70'000, 'x') + "\nlast\n");
  CHECK(json::parse(dispatcher.greeting())["log"] == json::array({"last"}));
}

TEST_CASE_METHOD(Fixture, "the daemon's log is followed, by lines") {
  host.set_log(std::string(2'000, 'x') + "\nlast\n");
  const auto record = begin("GET", "/mainlogtail");
  CHECK(record->streamed("last\n") == "last\n");
  CHECK(record->stream_type() == "text/plain;charset=utf-8");
  host.append_log("new\n");
  CHECK(record->streamed("new\n") == "last\nnew\n");
  record->hang_up();
  CHECK(record->is_over());
}

TEST_CASE_METHOD(Fixture, "a contestant's log is followed, stdout unless it is said otherwise") {
  const auto [path, begins] = GENERATE(table<const char*, const char*>({
      {"/logtail/smoke-2:node-ws", "smoke-2 node-ws stdout: listening\n"},
      {"/logtail/smoke-2:node-ws/stdout", "smoke-2 node-ws stdout: listening\n"},
      {"/logtail/smoke-2:node-ws/stderr", "smoke-2 node-ws stderr: listening\n"},
  }));
  const auto record = begin("GET", path);
  CHECK(record->streamed("listening\n") == begins);
  host.set_contestant_log("listening\nconnected\n");
  CHECK(record->streamed("connected\n") == begins + std::string("connected\n"));
}

TEST_CASE_METHOD(Fixture, "a log that is not there is 404, one that cannot be read 503") {
  for (const auto* path : {"/logtail/", "/logtail/nobody", "/logtail/smoke-2:*",
                           "/logtail/smoke-2:node-ws/stdin", "/logtail/smoke-2:node-ws/stdout/x"}) {
    INFO(path);
    CHECK(ask("GET", path).status == 404);
  }
  host.set_contestant_log(std::nullopt);
  CHECK(ask("GET", "/logtail/smoke-2:node-ws").status == 404);
  host.refuse_all(Refusal{Refusal::Kind::failed, "supervisord does not answer"});
  CHECK(ask("GET", "/logtail/smoke-2:node-ws").status == 503);
}

namespace {

struct OneFollower : Fixture {
  OneFollower() : Fixture({64, 1, 1ms}) {}
};

}  // namespace

TEST_CASE_METHOD(OneFollower, "no more logs are followed than there is room for") {
  const auto first = begin("GET", "/mainlogtail");
  CHECK_FALSE(first->streamed("second\n").empty());
  CHECK(ask("GET", "/mainlogtail").status == 503);
  first->hang_up();
  CHECK(first->is_over());
}

namespace {

/// A Host whose runs() holds the task thread.
class BlockedHost final : public FakeHost {
 public:
  tl::expected<std::vector<RunSummary>, Refusal> runs() override {
    entered.set_value();
    leave.get_future().wait();
    throw std::runtime_error("the host threw");
  }
  std::promise<void> entered, leave;
};

}  // namespace

TEST_CASE(
    "while the task thread is held, what takes time is refused beyond its queue, and the rest answered") {
  BlockedHost host;
  Dispatcher dispatcher({host, [](const Request&) { return std::nullopt; }, find_page}, {1, 1, 1ms});
  const auto begin = [&dispatcher](std::string method, std::string path, std::string body = "") {
    auto record = std::make_shared<Record>();
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.body = std::move(body);
    dispatcher.handle(request, std::make_unique<RecordingAnswer>(record));
    return record;
  };
  const auto held = begin("GET", "/api/runs");
  host.entered.get_future().wait();
  const auto waiting = begin("POST", "/api/suites/full/cancel");

  const auto refused = begin("GET", "/api/runs")->response();
  REQUIRE(refused.has_value());
  CHECK(refused->status == 503);
  const auto fault = begin("POST", "/RPC2", call("wsbench.runs"))->response();
  REQUIRE(fault.has_value());
  const auto decoded = rpc::decode_response(fault->body);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().is(rpc::FaultCode::failed));
  CHECK(decoded.error().message.starts_with("FAILED: busy"));
  CHECK(begin("GET", "/mainlogtail")->response()->status == 503);
  CHECK(begin("GET", "/healthz")->response()->status == 503);
  CHECK(begin("GET", "/api/status")->response()->status == 200);

  host.leave.set_value();
  CHECK(held->response()->status == 500);
  CHECK(waiting->response()->status == 200);
}

TEST_CASE("when the dispatcher is stopped, what waits ends without an answer") {
  BlockedHost host;
  auto waiting = std::make_shared<Record>();
  auto held = std::make_shared<Record>();
  {
    Dispatcher dispatcher({host, [](const Request&) { return std::nullopt; }, find_page}, {8, 8, 1h});
    Request request;
    request.method = "GET";
    request.path = "/api/runs";
    dispatcher.handle(request, std::make_unique<RecordingAnswer>(held));
    host.entered.get_future().wait();
    request.path = "/mainlogtail";
    dispatcher.handle(request, std::make_unique<RecordingAnswer>(waiting));
    dispatcher.stop();
    CHECK(waiting->is_over());
    CHECK_FALSE(waiting->response().has_value());
    host.leave.set_value();
  }
  CHECK(held->response()->status == 500);
}
