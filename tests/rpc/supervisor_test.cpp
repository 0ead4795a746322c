#include "rpc/supervisor.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "rpc/codec.hpp"

using namespace std::chrono_literals;
using namespace wsbench::rpc;

namespace {

struct Conversation {
  struct Request {
    Call call;
    std::chrono::milliseconds deadline;
  };
  std::deque<tl::expected<std::string, Error>> answers;
  std::vector<Request> requests;
};

/// Answers in order, and keeps what was asked.
class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(Conversation& conversation) : conversation_(conversation) {}

  tl::expected<std::string, Error> post(std::string_view body, std::chrono::milliseconds deadline) override {
    const auto call = decode_call(body);
    REQUIRE(call);
    conversation_.requests.push_back({*call, deadline});
    REQUIRE_FALSE(conversation_.answers.empty());
    auto answer = std::move(conversation_.answers.front());
    conversation_.answers.pop_front();
    return answer;
  }

  std::string peer() const override { return "http://fake"; }

 private:
  Conversation& conversation_;
};

struct Fixture {
  Conversation conversation;
  Supervisor supervisor{std::make_unique<FakeTransport>(conversation)};

  void answer(const Value& value) { conversation.answers.push_back(encode_response(value)); }
  void answer_fault(int code, std::string_view text) {
    conversation.answers.push_back(encode_fault(code, text));
  }
  void answer_error(Error::Kind kind, int status = 0) {
    conversation.answers.push_back(
        tl::unexpected(Error{.kind = kind, .status = status, .message = "it failed"}));
  }
};

Struct process_info() {
  return {{"name", "echo"},
          {"group", "group"},
          {"description", "pid 42, uptime 0:00:05"},
          {"start", 1000},
          {"stop", 0},
          {"now", 1005},
          {"state", 20},
          {"statename", "RUNNING"},
          {"spawnerr", ""},
          {"exitstatus", 0},
          {"logfile", "/o"},
          {"stdout_logfile", "/o"},
          {"stderr_logfile", "/e"},
          {"pid", 42}};
}

Struct process_config(const char* group, const char* name, int startsecs, int stopwaitsecs) {
  return {
      {"group", group}, {"name", name},           {"command", "/bin/true"}, {"autostart", false},
      {"inuse", true},  {"startsecs", startsecs}, {"startretries", 0},      {"stopwaitsecs", stopwaitsecs}};
}

Array configs() {
  return {process_config("solo", "solo", 3, 20), process_config("pair", "a", 1, 5),
          process_config("pair", "b", 7, 40)};
}

Struct status(const char* name, int code, const char* description) {
  return {{"group", "g"}, {"name", name}, {"status", code}, {"description", description}};
}

}  // namespace

TEST_CASE_METHOD(Fixture, "a process's information is decoded field by field") {
  answer(process_info());
  const auto info = supervisor.get_process_info("group:echo");
  REQUIRE(info);
  CHECK(info->full_name() == "group:echo");
  CHECK(info->state == ProcessState::running);
  CHECK(info->start == std::chrono::sys_seconds(1000s));
  CHECK(info->now == std::chrono::sys_seconds(1005s));
  CHECK(info->stderr_logfile == "/e");
  CHECK(info->pid == 42);
  CHECK(conversation.requests[0].call.params == Array{"group:echo"});
}

TEST_CASE_METHOD(Fixture, "a field that is missing or of another type is named") {
  Struct info = process_info();
  info.erase("pid");
  answer(info);
  auto missing = supervisor.get_process_info("x");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == Error::Kind::malformed);
  CHECK(missing.error().message == "supervisor.getProcessInfo: field pid is missing");

  info["pid"] = "42";
  answer(Array{process_info(), info});
  auto wrong = supervisor.get_all_process_info();
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message ==
        "supervisor.getAllProcessInfo, item 1: field pid must be an integer, not a string");

  info["pid"] = std::int64_t{1} << 40;
  answer(info);
  CHECK(supervisor.get_process_info("x").error().message ==
        "supervisor.getProcessInfo: field pid holds 1099511627776, which is out of range");
}

TEST_CASE_METHOD(Fixture, "an answer of another type than the method's is malformed") {
  answer(5);
  CHECK(supervisor.get_identification().error().message ==
        "supervisor.getIdentification: the answer must be a string, not an integer");
  answer("5");
  CHECK(supervisor.get_pid().error().kind == Error::Kind::malformed);
  answer(Struct{{"statecode", 9}, {"statename", "?"}});
  CHECK(supervisor.get_state().error().kind == Error::Kind::malformed);
  answer(Array{});
  CHECK(supervisor.reload_config().error().kind == Error::Kind::malformed);
  answer(Array{"text", 3});
  CHECK(supervisor.tail_process_stdout_log("x", 0, 10).error().kind == Error::Kind::malformed);
  answer(true);
  CHECK(supervisor.signal_all_processes("HUP").error().kind == Error::Kind::malformed);
}

TEST_CASE_METHOD(Fixture, "a fault names the call and keeps its code") {
  answer_fault(10, "BAD_NAME: nobody");
  const auto info = supervisor.get_process_info("nobody");
  REQUIRE_FALSE(info);
  CHECK(info.error().is(FaultCode::bad_name));
  CHECK(info.error().message == "supervisor.getProcessInfo(\"nobody\"): BAD_NAME: nobody");
}

TEST_CASE_METHOD(Fixture, "an answer that is not XML-RPC is told with its sender and its beginning") {
  conversation.answers.push_back("<!DOCTYPE html>\n<html>" + std::string(1'000'000, 'x'));
  const auto state = supervisor.get_state();
  REQUIRE_FALSE(state);
  CHECK(state.error().kind == Error::Kind::malformed);
  CHECK(state.error().message ==
        "supervisor.getState(): http://fake did not answer in XML-RPC but \"<!DOCTYPE html> <html>" +
            std::string(78, 'x') + "...\": not an XML document: line 1: a document type is not allowed");
}

TEST_CASE_METHOD(Fixture, "a supervisord without its own methods is told, and what its configuration lacks") {
  answer_fault(1, "UNKNOWN_METHOD");
  const auto state = supervisor.get_state();
  REQUIRE_FALSE(state);
  CHECK(state.error().is(FaultCode::unknown_method));
  CHECK(state.error().message ==
        "supervisor.getState(): http://fake answered UNKNOWN_METHOD: is [rpcinterface:supervisor] in its "
        "configuration?");
  answer_fault(1, "UNKNOWN_METHOD");
  CHECK(supervisor.call("wsbench.sample", {}).error().message == "wsbench.sample(): UNKNOWN_METHOD");
}

TEST_CASE_METHOD(Fixture, "a name, a fault and a status of a megabyte are quoted in part") {
  const std::string megabyte(1'000'000, 'x');
  answer_fault(30, megabyte);
  CHECK(supervisor.get_process_info(megabyte).error().message.size() < 1200);
  answer(Array{Struct{{"faultCode", 30}, {"faultString", megabyte}}});
  const auto results = supervisor.multicall({{"a.b", {megabyte}}});
  REQUIRE(results);
  REQUIRE_FALSE(results->front());
  CHECK(results->front().error().message.size() < 1200);
  answer(Array{status("x", 30, megabyte.c_str())});
  CHECK(supervisor.signal_process("g:*", "HUP").error().message.size() < 1200);
}

TEST_CASE_METHOD(Fixture, "numbers that no supervisord answers are malformed") {
  const std::int64_t number = GENERATE(std::int64_t{-1}, std::numeric_limits<std::int64_t>::max());
  Struct info = process_info();
  info["start"] = number;
  answer(info);
  CHECK(supervisor.get_process_info("x").error().kind == Error::Kind::malformed);
  answer(Array{"", std::int64_t{-1}, true});
  CHECK(supervisor.tail_process_stdout_log("x", 0, 10).error().kind == Error::Kind::malformed);
}

TEST_CASE_METHOD(Fixture, "the lists of a reloaded configuration are told apart") {
  answer(Array{Array{Array{"a"}, Array{"b", "c"}, Array{}}});
  const auto config = supervisor.reload_config();
  REQUIRE(config);
  CHECK(config->added == std::vector<std::string>{"a"});
  CHECK(config->changed == std::vector<std::string>{"b", "c"});
  CHECK(config->removed.empty());
}

TEST_CASE_METHOD(Fixture, "waiting calls take their deadline from the configuration, asked for once") {
  answer(configs());
  answer(true);
  REQUIRE(supervisor.start_process("solo"));
  answer(true);
  REQUIRE(supervisor.stop_process("solo"));
  answer(true);
  REQUIRE(supervisor.stop_process("pair:a"));
  answer(Array{});
  REQUIRE(supervisor.stop_process("pair:*"));
  answer(Array{});
  REQUIRE(supervisor.start_process_group("pair"));
  answer(Array{});
  REQUIRE(supervisor.stop_all_processes());
  answer(true);
  REQUIRE(supervisor.start_process("solo", false));

  std::vector<std::chrono::milliseconds> deadlines;
  for (const auto& request : conversation.requests) deadlines.push_back(request.deadline);
  CHECK(deadlines == std::vector<std::chrono::milliseconds>{10s, 13s, 30s, 15s, 50s, 17s, 50s, 10s});
  CHECK(conversation.requests[0].call.method == "supervisor.getAllConfigInfo");
}

TEST_CASE_METHOD(Fixture, "the configuration is asked for again when a name is new or it was reloaded") {
  answer(configs());
  answer(true);
  REQUIRE(supervisor.start_process("solo"));
  answer(Array{process_config("new", "new", 100, 100)});
  answer(true);
  REQUIRE(supervisor.start_process("new"));
  CHECK(conversation.requests.back().deadline == 110s);
  answer(true);
  REQUIRE(supervisor.add_process_group("new"));
  answer(Array{process_config("new", "new", 200, 100)});
  answer(true);
  REQUIRE(supervisor.start_process("new"));
  CHECK(conversation.requests.back().deadline == 210s);
}

TEST_CASE_METHOD(Fixture, "a configuration that cannot be told still leaves a deadline") {
  answer_error(Error::Kind::http, 500);
  answer(true);
  REQUIRE(supervisor.start_process("solo"));
  CHECK(conversation.requests.back().deadline == 70s);

  answer_error(Error::Kind::unreachable);
  const auto started = supervisor.start_process("solo");
  REQUIRE_FALSE(started);
  CHECK(started.error().kind == Error::Kind::unreachable);
}

TEST_CASE_METHOD(Fixture, "starting a group is true only when all its processes started") {
  answer(configs());
  answer(Array{status("a", 80, "OK"), status("b", 80, "OK")});
  CHECK(supervisor.start_process("pair:*") == true);
  answer(Array{status("a", 80, "OK"), status("b", 50, "SPAWN_ERROR: g:b")});
  const auto started = supervisor.start_process("pair:*");
  REQUIRE_FALSE(started);
  CHECK(started.error().is(FaultCode::spawn_error));
  CHECK(started.error().message == "supervisor.startProcess: g:b: SPAWN_ERROR: g:b");
}

TEST_CASE_METHOD(Fixture, "a multicall gives each call its value or fault, and waits for all") {
  answer(configs());
  answer(Array{true, Struct{{"faultCode", 70}, {"faultString", "NOT_RUNNING: solo"}}, Array{1}});
  const auto results = supervisor.multicall(
      {{"supervisor.startProcess", {"solo"}}, {"supervisor.stopProcess", {"solo", true}}, {"wsbench.x", {}}});
  REQUIRE(results);
  REQUIRE(results->size() == 3);
  CHECK((*results)[0] == Value(true));
  REQUIRE_FALSE((*results)[1]);
  CHECK((*results)[1].error().is(FaultCode::not_running));
  CHECK((*results)[1].error().message == "supervisor.stopProcess(\"solo\"): NOT_RUNNING: solo");
  CHECK((*results)[2] == Value(Array{1}));

  const auto& request = conversation.requests.back();
  CHECK(request.deadline == 33s);
  CHECK(request.call.method == "system.multicall");
  REQUIRE(request.call.params.size() == 1);
  const Array expected{Struct{{"methodName", "supervisor.startProcess"}, {"params", Array{"solo"}}},
                       Struct{{"methodName", "supervisor.stopProcess"}, {"params", Array{"solo", true}}},
                       Struct{{"methodName", "wsbench.x"}, {"params", Array{}}}};
  CHECK(request.call.params[0] == Value(expected));
}

TEST_CASE_METHOD(Fixture, "a multicall with too few results is malformed") {
  answer(Array{true});
  const auto results = supervisor.multicall({{"a.b", {}}, {"a.c", {}}});
  REQUIRE_FALSE(results);
  CHECK(results.error().kind == Error::Kind::malformed);
}

TEST_CASE_METHOD(Fixture, "a log window that supervisord refuses is gathered in pieces") {
  answer_error(Error::Kind::http, 500);
  answer(Array{"", 3, true});  // the size of "ab\xFF"
  const Struct refused{{"faultCode", 30}, {"faultString", "FAILED: <class 'AttributeError'>"}};
  // [0,3) [0,1) [1,3) [0,2), then of [1,3): the whole and its halves, then the last byte alone
  answer(Array{refused, "a", refused, "ab"});
  answer(Array{refused, "b", refused});
  answer(Array{refused});
  CHECK(supervisor.read_process_stderr_log("x", 0, 0) == "ab");
  CHECK(conversation.requests[1].call.method == "supervisor.tailProcessStderrLog");
  CHECK(conversation.requests[2].call.method == "system.multicall");
  CHECK(conversation.answers.empty());
}

TEST_CASE_METHOD(Fixture, "a window larger than an answer may be is not gathered, whatever size is claimed") {
  answer_error(Error::Kind::http, 500);
  answer(Array{"", std::numeric_limits<std::int64_t>::max(), true});
  const auto text = supervisor.read_process_stdout_log("x", 0, 0);
  REQUIRE_FALSE(text);
  CHECK(text.error().kind == Error::Kind::too_large);
}

TEST_CASE_METHOD(Fixture, "a fault while a window is gathered is passed on") {
  answer_error(Error::Kind::http, 500);
  answer(Array{"", 1, true});
  answer(Array{Struct{{"faultCode", 10}, {"faultString", "BAD_NAME: x"}}});
  const auto text = supervisor.read_process_stdout_log("x", 0, 0);
  REQUIRE_FALSE(text);
  CHECK(text.error().is(FaultCode::bad_name));
}

TEST_CASE_METHOD(Fixture, "text that XML cannot hold goes to a process as base64") {
  answer(true);
  REQUIRE(supervisor.send_process_stdin("x", "plain\r\n"));
  CHECK(conversation.requests.back().call.params == Array{"x", "plain\r\n"});
  answer(true);
  REQUIRE(supervisor.send_process_stdin("x", "\x1b[A"));
  CHECK(conversation.requests.back().call.params == Array{"x", Binary{"\x1b[A"}});
}

TEST_CASE_METHOD(Fixture, "a plug-in's method is called with the caller's deadline") {
  answer(Struct{{"rss", 1}});
  const auto sample = supervisor.call("monitor.sample", {"x"}, 300ms);
  REQUIRE(sample);
  REQUIRE(sample->member("rss") != nullptr);
  CHECK(sample->member("none") == nullptr);
  CHECK(conversation.requests.back().deadline == 300ms);
}
