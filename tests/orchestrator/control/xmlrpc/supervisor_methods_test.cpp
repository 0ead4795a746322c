#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/orchestrator/control/calls.hpp"

using namespace wsbench;
using namespace wsbench::control::state;
using namespace wsbench::test;
using rpc::Array;

namespace {

/// "name: STATENAME", in their order.
std::vector<std::string> states(FakeHost& host) {
  std::vector<std::string> all;
  for (const auto& info : array_of(result_of(host, "supervisor.getAllProcessInfo"))) {
    all.push_back(text_of(info.member("group")) + ":" + text_of(info.member("name")) + " " +
                  text_of(info.member("statename")));
  }
  return all;
}

/// "name status description" of a group call.
std::vector<std::string> statuses(const rpc::Value& value) {
  std::vector<std::string> all;
  for (const auto& one : array_of(value)) {
    all.push_back(text_of(one.member("group")) + ":" + text_of(one.member("name")) + " " +
                  std::to_string(number_of(one.member("status"))) + " " + text_of(one.member("description")));
  }
  return all;
}

}  // namespace

TEST_CASE("wsbench presents itself as supervisorctl expects a supervisord") {
  FakeHost host;
  CHECK(result_of(host, "supervisor.getAPIVersion") == rpc::Value("3.0"));
  CHECK(result_of(host, "supervisor.getVersion") == rpc::Value("3.0"));
  CHECK(result_of(host, "supervisor.getSupervisorVersion") == rpc::Value("0.1.0"));
  CHECK(result_of(host, "supervisor.getIdentification") == rpc::Value("wsbench"));
  CHECK(result_of(host, "supervisor.getPID") == rpc::Value(4242));
  const auto state = result_of(host, "supervisor.getState");
  CHECK(number_of(state.member("statecode")) == 1);
  CHECK(text_of(state.member("statename")) == "RUNNING");
}

TEST_CASE("every contestant is a process whose state tells where its turn is") {
  FakeHost host;
  CHECK(states(host) == std::vector<std::string>{"smoke-2:cpp-websocketpp EXITED", "smoke-2:go-gorilla FATAL",
                                                 "smoke-2:perl-ev STOPPED", "smoke-2:node-ws RUNNING",
                                                 "smoke-2:python-tornado-1 STOPPED",
                                                 "smoke-2:python-websockets STOPPED", "full:node-ws STOPPED",
                                                 "smoke:node-ws EXITED"});
}

TEST_CASE("each turn's state has its process state") {
  const auto [turn, process] = GENERATE(table<TurnState, const char*>({
      {TurnState::pending, "STOPPED"},
      {TurnState::starting, "STARTING"},
      {TurnState::probing, "STARTING"},
      {TurnState::warm_up, "RUNNING"},
      {TurnState::measuring, "RUNNING"},
      {TurnState::stopping, "STOPPING"},
      {TurnState::completed, "EXITED"},
      {TurnState::failed, "FATAL"},
      {TurnState::not_installed, "FATAL"},
      {TurnState::cancelled, "STOPPED"},
      {TurnState::skipped, "STOPPED"},
  }));
  FakeHost host;
  host.change([state = turn](Status& status) { status.jobs[1].contestants[0].state = state; });
  CHECK(text_of(result_of(host, "supervisor.getProcessInfo", {"full:node-ws"}).member("statename")) ==
        process);
}

TEST_CASE("a process's info has supervisord's fields") {
  FakeHost host;
  const auto info = result_of(host, "supervisor.getProcessInfo", {"smoke-2:node-ws"});
  CHECK(text_of(info.member("description")) == "measuring 34 of 60 s, 10000 clients");
  CHECK(number_of(info.member("state")) == 20);
  CHECK(number_of(info.member("pid")) == 4711);
  CHECK(number_of(info.member("start")) == 1'795'392'055);
  CHECK(number_of(info.member("stop")) == 0);
  CHECK(number_of(info.member("now")) > 0);
  CHECK(number_of(info.member("exitstatus")) == 0);
  for (const auto* field : {"spawnerr", "logfile", "stdout_logfile", "stderr_logfile"}) {
    CHECK(text_of(info.member(field)).empty());
  }
  const auto failed = result_of(host, "supervisor.getProcessInfo", {"smoke-2:go-gorilla"});
  CHECK(text_of(failed.member("spawnerr")) == "died: it ended under load");
  const auto done = result_of(host, "supervisor.getProcessInfo", {"smoke-2:cpp-websocketpp"});
  CHECK(number_of(done.member("stop")) == 1'795'392'050);
}

TEST_CASE("the config infos tell each suite's and contestant's place") {
  FakeHost host;
  const auto all = array_of(result_of(host, "supervisor.getAllConfigInfo"));
  REQUIRE(all.size() == 8);
  CHECK(text_of(all[4].member("name")) == "python-tornado-1");
  CHECK(number_of(all[4].member("group_prio")) == 1);
  CHECK(number_of(all[4].member("process_prio")) == 5);
  CHECK(*all[4].member("autostart") == rpc::Value(true));
  CHECK(*all[0].member("autostart") == rpc::Value(false));
  CHECK(*all[7].member("autostart") == rpc::Value(false));
}

TEST_CASE("names that are not there, and groups where a process is due, are BAD_NAME with the whole name") {
  FakeHost host;
  const auto* name = GENERATE("nobody", "smoke-2:nobody", "nobody:node-ws", "smoke-2:*");
  CHECK(fault_of_call(host, "supervisor.getProcessInfo", {name}) == std::string("10 BAD_NAME") + ": " + name);
}

TEST_CASE("parameters of another number or type are INCORRECT_PARAMETERS") {
  FakeHost host;
  const std::string fault = "2 INCORRECT_PARAMETERS";
  CHECK(fault_of_call(host, "supervisor.getProcessInfo") == fault);
  CHECK(fault_of_call(host, "supervisor.getProcessInfo", {7}) == fault);
  CHECK(fault_of_call(host, "supervisor.getPID", {7}) == fault);
  CHECK(fault_of_call(host, "supervisor.stopProcess", {"smoke-2:node-ws", "yes"}) == fault);
  CHECK(fault_of_call(host, "supervisor.stopProcess", {"smoke-2:node-ws", true, 1}) == fault);
  CHECK(host.calls().empty());
}

TEST_CASE("what supervisord has and suites have not is UNKNOWN_METHOD") {
  FakeHost host;
  const auto* name = GENERATE("signalProcess", "sendProcessStdin", "reloadConfig", "restart",
                              "addProcessGroup", "startAllProcesses", "clearProcessLogs", "_update", "");
  CHECK(fault_of_call(host, std::string("supervisor.") + name) == "1 UNKNOWN_METHOD");
  CHECK(fault_of_call(host, name) == "1 UNKNOWN_METHOD");
}

TEST_CASE("stopping a contestant skips it, and one whose turn is over is NOT_RUNNING") {
  FakeHost host;
  CHECK(result_of(host, "supervisor.stopProcess", {"smoke-2:node-ws"}) == rpc::Value(true));
  CHECK(result_of(host, "supervisor.stopProcess", {"smoke-2:python-tornado-1", 0}) == rpc::Value(true));
  CHECK(fault_of_call(host, "supervisor.stopProcess", {"smoke-2:cpp-websocketpp", true}) ==
        "70 NOT_RUNNING: smoke-2:cpp-websocketpp");
  CHECK(host.calls() == std::vector<std::string>{"skip smoke-2 node-ws", "skip smoke-2 python-tornado-1",
                                                 "skip smoke-2 cpp-websocketpp"});
}

TEST_CASE("stopping a suite cancels it and tells of the contestants whose turns had not ended") {
  FakeHost host;
  const auto stopped = GENERATE(0, 1) == 0
                           ? result_of(host, "supervisor.stopProcess", {"smoke-2:*"})
                           : result_of(host, "supervisor.stopProcessGroup", {"smoke-2", true});
  CHECK(statuses(stopped) == std::vector<std::string>{"smoke-2:node-ws 80 OK",
                                                      "smoke-2:python-tornado-1 80 OK",
                                                      "smoke-2:python-websockets 80 OK"});
  CHECK(host.calls() == std::vector<std::string>{"cancel smoke-2"});
}

TEST_CASE("a contestant with rounds to come is not over when one has ended") {
  FakeHost host;
  host.change([](Status& status) { status.jobs[0].contestants[0].rounds = 5; });
  CHECK(fault_of_call(host, "supervisor.startProcess", {"smoke-2:cpp-websocketpp"}) ==
        "60 ALREADY_STARTED: smoke-2:cpp-websocketpp");
  CHECK(*array_of(result_of(host, "supervisor.getAllConfigInfo"))[0].member("autostart") == rpc::Value(true));
  CHECK(statuses(result_of(host, "supervisor.stopProcessGroup", {"smoke-2"}))[0] ==
        "smoke-2:cpp-websocketpp 80 OK");
}

TEST_CASE("a contestant of a suite that has ended is not started by itself") {
  FakeHost host;
  CHECK(fault_of_call(host, "supervisor.startProcess", {"smoke:node-ws"}) ==
        "50 SPAWN_ERROR: smoke:node-ws: its turn is over");
}

TEST_CASE("stopping a suite that has ended tells so of each contestant") {
  FakeHost host;
  CHECK(statuses(result_of(host, "supervisor.stopProcessGroup", {"smoke"})) ==
        std::vector<std::string>{"smoke:node-ws 70 NOT_RUNNING: smoke:node-ws"});
  CHECK(fault_of_call(host, "supervisor.stopProcessGroup", {"nobody"}) == "10 BAD_NAME: nobody");
}

TEST_CASE("stopping all cancels every suite that waits or runs") {
  FakeHost host;
  const auto stopped = statuses(result_of(host, "supervisor.stopAllProcesses"));
  CHECK(stopped.size() == 4);
  CHECK(std::count(stopped.begin(), stopped.end(), "full:node-ws 80 OK") == 1);
  CHECK(host.calls() == std::vector<std::string>{"cancel smoke-2", "cancel full"});
}

TEST_CASE("starting an ended suite submits it again, under the name that it gets") {
  FakeHost host;
  const auto started = GENERATE(0, 1) == 0 ? result_of(host, "supervisor.startProcess", {"smoke:*"})
                                           : result_of(host, "supervisor.startProcessGroup", {"smoke", true});
  CHECK(statuses(started) == std::vector<std::string>{"smoke-3:node-ws 80 OK"});
}

TEST_CASE("starting a suite that waits or runs tells so of each contestant") {
  FakeHost host;
  CHECK(statuses(result_of(host, "supervisor.startProcessGroup", {"full"})) ==
        std::vector<std::string>{"full:node-ws 60 ALREADY_STARTED: full:node-ws"});
}

TEST_CASE("starting a contestant takes a skipped one in again, and no other") {
  FakeHost host;
  CHECK(result_of(host, "supervisor.startProcess", {"smoke-2:perl-ev"}) == rpc::Value(true));
  CHECK(states(host)[2] == "smoke-2:perl-ev STOPPED");
  CHECK(fault_of_call(host, "supervisor.startProcess", {"smoke-2:node-ws"}) ==
        "60 ALREADY_STARTED: smoke-2:node-ws");
  CHECK(fault_of_call(host, "supervisor.startProcess", {"smoke-2:python-websockets"}) ==
        "60 ALREADY_STARTED: smoke-2:python-websockets");
  CHECK(fault_of_call(host, "supervisor.startProcess", {"smoke-2:cpp-websocketpp"}) ==
        "50 SPAWN_ERROR: smoke-2:cpp-websocketpp: its turn is over");
  CHECK(fault_of_call(host, "supervisor.startProcess", {"smoke-2:nobody"}) == "10 BAD_NAME: smoke-2:nobody");
}

TEST_CASE("what a foreground run refuses, and what the environment does, is FAILED with the reason") {
  FakeHost host;
  host.refuse_all(Refusal{Refusal::Kind::not_here, "a foreground run takes no other suites"});
  CHECK(fault_of_call(host, "supervisor.startProcessGroup", {"smoke"}) ==
        "30 FAILED: a foreground run takes no other suites");
  host.refuse_all(Refusal{Refusal::Kind::failed, "the disk is full"});
  CHECK(fault_of_call(host, "supervisor.stopProcess", {"smoke-2:node-ws"}) == "30 FAILED: the disk is full");
}

TEST_CASE(
    "while wsbench ends, every method of supervisor is fault SHUTDOWN_STATE, and wsbench's own are not") {
  FakeHost host;
  CHECK(result_of(host, "supervisor.shutdown") == rpc::Value(true));
  CHECK(host.is_shut_down());
  host.change([](Status& status) { status.stopping = true; });
  for (const auto& [name, method] : methods().all()) {
    if (!name.starts_with("supervisor.")) continue;
    CHECK(fault_of_call(host, name) == "6 SHUTDOWN_STATE");
  }
  CHECK(array_of(result_of(host, "wsbench.queue")).size() == 3);
}
