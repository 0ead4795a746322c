#include <catch2/catch.hpp>

#include "tests/orchestrator/control/calls.hpp"

using namespace wsbench;
using namespace wsbench::control::state;
using namespace wsbench::test;

TEST_CASE("the main log is read as supervisord's is") {
  FakeHost host;
  const auto* method = GENERATE("supervisor.readLog", "supervisor.readMainLog");
  CHECK(result_of(host, method, {-11, 0}) == rpc::Value("its second\n"));
  CHECK(result_of(host, method, {4, 8}) == rpc::Value("daemon's"));
  CHECK(fault_of_call(host, method, {-5, 1}) == "3 BAD_ARGUMENTS");
  CHECK(fault_of_call(host, method, {0, -1}) == "3 BAD_ARGUMENTS");
  CHECK(fault_of_call(host, method, {0}) == "2 INCORRECT_PARAMETERS");
}

TEST_CASE("the main log is kept") {
  FakeHost host;
  CHECK(fault_of_call(host, "supervisor.clearLog") == "30 FAILED: the daemon's log is kept");
}

TEST_CASE("a contestant's logs are read by name and channel") {
  FakeHost host;
  const std::string name = "smoke-2:node-ws";
  CHECK(result_of(host, "supervisor.readProcessStdoutLog", {name, 0, 0}) ==
        rpc::Value("smoke-2 node-ws stdout: listening\n"));
  CHECK(result_of(host, "supervisor.readProcessLog", {name, -10, 0}) == rpc::Value("listening\n"));
  CHECK(result_of(host, "supervisor.readProcessStderrLog", {name, 0, 22}) ==
        rpc::Value("smoke-2 node-ws stderr"));
  CHECK(fault_of_call(host, "supervisor.readProcessLog", {name, 0, -1}) == "3 BAD_ARGUMENTS");
  CHECK(fault_of_call(host, "supervisor.readProcessLog", {"smoke-2:x", 0, 0}) == "10 BAD_NAME: smoke-2:x");
}

TEST_CASE("a tail is its text, the log's size and whether there was more") {
  FakeHost host;
  const std::string name = "smoke-2:node-ws";
  CHECK(result_of(host, "supervisor.tailProcessStdoutLog", {name, 0, 10}) ==
        rpc::Value(rpc::Array{"listening\n", 34, true}));
  CHECK(result_of(host, "supervisor.tailProcessLog", {name, 0, 100}) ==
        rpc::Value(rpc::Array{"smoke-2 node-ws stdout: listening\n", 34, false}));
  CHECK(result_of(host, "supervisor.tailProcessStderrLog", {name, 34, 10}) ==
        rpc::Value(rpc::Array{"", 34, false}));
}

TEST_CASE("a log that is not there yet is NO_FILE to read and empty to tail") {
  FakeHost host;
  host.set_contestant_log(std::nullopt);
  CHECK(fault_of_call(host, "supervisor.readProcessStderrLog", {"smoke-2:node-ws", 0, 0}) ==
        "20 NO_FILE: there is no such log");
  CHECK(result_of(host, "supervisor.tailProcessStderrLog", {"smoke-2:node-ws", 0, 10}) ==
        rpc::Value(rpc::Array{"", 0, false}));
}

TEST_CASE("a supervisord that does not answer is FAILED with the reason") {
  FakeHost host;
  host.refuse_all(Refusal{Refusal::Kind::failed, "supervisord does not answer"});
  CHECK(fault_of_call(host, "supervisor.readProcessStdoutLog", {"smoke-2:node-ws", 0, 0}) ==
        "30 FAILED: supervisord does not answer");
  CHECK(fault_of_call(host, "supervisor.tailProcessStdoutLog", {"smoke-2:node-ws", 0, 0}) ==
        "30 FAILED: supervisord does not answer");
}
