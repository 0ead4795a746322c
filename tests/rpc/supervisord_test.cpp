#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/rpc/supervisord_fixture.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace wsbench::rpc;
using wsbench::test::Supervisord;
using Fixture = SupervisordFixture;

TEST_CASE_METHOD(Fixture, "supervisord tells of itself, over TCP and over its unix socket") {
  const bool is_tcp = GENERATE(true, false);
  Supervisor remote = connected(is_tcp ? server.url() : server.unix_url());
  CHECK(remote.get_api_version() == "3.0");
  CHECK(remote.get_supervisor_version().value().substr(0, 2) == "4.");
  CHECK(remote.get_identification() == "wsbench-test");
  CHECK(remote.get_state() == SupervisorState::running);
  CHECK(remote.get_pid() == server.pid());

  const auto methods = remote.list_methods();
  REQUIRE(methods);
  CHECK(std::count(methods->begin(), methods->end(), "supervisor.startProcess") == 1);
  CHECK(remote.method_help("supervisor.getPID").value().find("PID of supervisord") != std::string::npos);
  CHECK(remote.method_signature("supervisor.startProcess") ==
        std::vector<std::string>{"boolean", "string", "boolean"});
  CHECK(fails_with(remote.call("supervisor.noSuchMethod", {}), FaultCode::unknown_method));
  CHECK(fails_with(remote.call("supervisor.getPID", {1}), FaultCode::incorrect_parameters));
}

TEST_CASE_METHOD(Fixture, "supervisord asks for its password") {
  const std::string user = GENERATE("", "tester:wrong@");
  const auto state = connected("http://" + user + "127.0.0.1:" + std::to_string(server.port())).get_state();
  REQUIRE_FALSE(state);
  CHECK(state.error().kind == Error::Kind::unauthorized);
}

TEST_CASE_METHOD(Fixture, "a process is started, signalled and stopped") {
  CHECK(supervisor.get_process_info("sleeper")->state == ProcessState::stopped);
  CHECK(fails_with(supervisor.stop_process("sleeper"), FaultCode::not_running));
  CHECK(supervisor.start_process("sleeper") == true);
  CHECK(fails_with(supervisor.start_process("sleeper"), FaultCode::already_started));

  const auto info = supervisor.get_process_info("sleeper");
  REQUIRE(info);
  CHECK(info->state == ProcessState::running);
  CHECK(::kill(info->pid, 0) == 0);
  CHECK(info->start <= info->now);
  CHECK(info->stdout_logfile == (server.directory() / "sleeper.out").string());

  CHECK(fails_with(supervisor.signal_process("sleeper", "NOSUCH"), FaultCode::bad_signal));
  CHECK(supervisor.signal_process("sleeper", "KILL") == true);
  CHECK(reaches("sleeper", ProcessState::exited));
  CHECK(supervisor.get_process_info("sleeper")->exit_status == -1);
  CHECK(fails_with(supervisor.signal_process("sleeper", "HUP"), FaultCode::not_running));

  CHECK(supervisor.start_process("sleeper", false) == true);
  CHECK(supervisor.stop_process("sleeper") == true);
  CHECK(supervisor.get_process_info("sleeper")->state == ProcessState::stopped);
}

TEST_CASE_METHOD(Fixture, "a start that waits holds its answer until startsecs have passed") {
  const auto begin = std::chrono::steady_clock::now();
  CHECK(supervisor.start_process("slow") == true);
  CHECK(std::chrono::steady_clock::now() - begin >= 1s);
  CHECK(supervisor.get_process_info("slow")->state == ProcessState::running);
}

TEST_CASE_METHOD(Fixture, "a process that cannot be started says why") {
  CHECK(fails_with(supervisor.start_process("nobody"), FaultCode::bad_name));
  CHECK(fails_with(supervisor.start_process("missing"), FaultCode::no_file));
  const auto started = supervisor.start_process("broken");
  REQUIRE_FALSE(started);
  CHECK((started.error().is(FaultCode::spawn_error) || started.error().is(FaultCode::abnormal_termination)));
  CHECK(started.error().message.find("supervisor.startProcess(\"broken\"): ") == 0);
  CHECK(reaches("broken", ProcessState::fatal));
  CHECK(supervisor.get_process_info("broken")->spawn_error.empty() == false);
}

TEST_CASE_METHOD(Fixture, "groups are started, signalled and stopped together") {
  CHECK(fails_with(supervisor.start_process("pair"), FaultCode::bad_name));
  const auto started = supervisor.start_process_group("pair");
  REQUIRE(started);
  REQUIRE(started->size() == 2);
  for (const auto& status : *started) {
    CHECK(status.group == "pair");
    CHECK(status.status == static_cast<int>(FaultCode::success));
  }
  CHECK(supervisor.get_process_info("pair:pair-1")->state == ProcessState::running);
  CHECK(supervisor.signal_process_group("pair", "CONT")->size() == 2);
  CHECK(supervisor.signal_all_processes("CONT")->size() == 2);
  CHECK(supervisor.stop_process_group("pair")->size() == 2);
  CHECK(supervisor.start_process("pair:*") == true);
  CHECK(supervisor.stop_process("pair:*") == true);
  CHECK(fails_with(supervisor.start_process_group("nobody"), FaultCode::bad_name));
  CHECK(supervisor.stop_all_processes()->empty());
}

TEST_CASE_METHOD(Fixture, "all processes and their configuration are listed") {
  const auto infos = supervisor.get_all_process_info();
  REQUIRE(infos);
  CHECK(infos->size() == 7);
  const auto configs = supervisor.get_all_config_info();
  REQUIRE(configs);
  const auto slow = std::find_if(configs->begin(), configs->end(),
                                 [](const auto& config) { return config.name == "slow"; });
  REQUIRE(slow != configs->end());
  CHECK(slow->command == "/bin/sleep 1000");
  CHECK(slow->start_seconds == 2s);
  CHECK(slow->start_retries == 0);
  CHECK(slow->stop_wait == 10s);
  CHECK(slow->in_use);
  CHECK_FALSE(slow->autostart);
}

TEST_CASE("programs of every kind and with every kind of log are understood") {
  const Supervisord server{{R"(
[program:queue-worker]
command=/bin/sleep 1000
process_name=%(program_name)s_%(process_num)02d
numprocs=2
startsecs=0
redirect_stderr=true
stdout_logfile={dir}/queue.log

[program:celery@host]
command=/bin/sleep 1000
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE

[program:plain]
command=/bin/sleep 1000
startsecs=0
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0

[eventlistener:listener]
command=/bin/cat
events=TICK_60
autostart=false

[fcgi-program:fcgi]
socket=unix://{dir}/fcgi.sock
command=/bin/sleep 1000
autostart=false
)"}};
  Supervisor supervisor = connected(server.url());
  const auto infos = supervisor.get_all_process_info();
  REQUIRE(infos);
  std::vector<std::string> names;
  for (const auto& info : *infos) names.push_back(info.full_name());
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"celery@host", "fcgi", "listener", "plain",
                                          "queue-worker:queue-worker_00", "queue-worker:queue-worker_01"});
  CHECK(supervisor.get_all_config_info()->size() == 6);
  CHECK(supervisor.stop_process("queue-worker:queue-worker_01") == true);
  CHECK(supervisor.stop_process("celery@host") == true);
  CHECK(fails_with(supervisor.read_process_stdout_log("celery@host", -100, 0), FaultCode::no_file));
  CHECK(supervisor.tail_process_stdout_log("celery@host", 0, 100)->text.empty());
  CHECK(supervisor.tail_process_stdout_log("plain", 0, 100));
}

TEST_CASE(
    "a log limit over 2 GiB keeps supervisord from telling its configuration, not from a start and a stop") {
  const Supervisord server{
      {"[program:x]\ncommand=/bin/sleep 1000\nautostart=false\nstartsecs=0\n"
       "stdout_logfile_maxbytes=5GB\n"}};
  Supervisor supervisor = connected(server.url());
  CHECK(supervisor.get_all_config_info().error().status == 500);
  CHECK(supervisor.start_process("x") == true);
  CHECK(supervisor.stop_process("x") == true);
}

TEST_CASE_METHOD(Fixture, "a supervisord without [rpcinterface:supervisor] is told by its fault") {
  std::ifstream stream(server.directory() / "supervisord.conf");
  std::string config(std::istreambuf_iterator<char>(stream), {});
  config.erase(config.find("[rpcinterface:supervisor]"));
  std::ofstream(server.directory() / "supervisord.conf") << config;
  REQUIRE(supervisor.restart() == true);
  CHECK(eventually([this] { return fails_with(supervisor.get_state(), FaultCode::unknown_method); }));
  CHECK(supervisor.get_state().error().message ==
        "supervisor.getState(): http://127.0.0.1:" + std::to_string(server.port()) +
            " answered UNKNOWN_METHOD: is [rpcinterface:supervisor] in its configuration?");
}

TEST_CASE_METHOD(Fixture, "text sent to a process arrives as it was") {
  REQUIRE(supervisor.start_process("echo"));
  const std::string text = "plain \x1b[1m <&> \xE2\x82\xAC\r\n";
  CHECK(supervisor.send_process_stdin("echo", text) == true);
  const auto log_size = [this] { return supervisor.tail_process_stdout_log("echo", 0, 0)->offset; };
  REQUIRE(eventually([&] { return log_size() == static_cast<std::int64_t>(text.size()); }));
  std::ifstream log(server.directory() / "echo.out", std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(log), {}) == text);
  CHECK(supervisor.send_remote_comm_event("type", "data") == true);
  CHECK(fails_with(supervisor.send_process_stdin("sleeper", "x"), FaultCode::not_running));
}

TEST_CASE_METHOD(Fixture, "a multicall runs in order and reports each outcome") {
  const auto results = supervisor.multicall({{"supervisor.startProcess", {"sleeper"}},
                                             {"supervisor.startProcess", {"sleeper"}},
                                             {"supervisor.stopProcess", {"sleeper"}},
                                             {"system.multicall", {Array{}}},
                                             {"supervisor.getPID", {}}});
  REQUIRE(results);
  REQUIRE(results->size() == 5);
  CHECK((*results)[0] == Value(true));
  CHECK(fails_with((*results)[1], FaultCode::already_started));
  CHECK((*results)[2] == Value(true));
  CHECK(fails_with((*results)[3], FaultCode::incorrect_parameters));
  CHECK((*results)[4] == Value(server.pid()));
}

TEST_CASE_METHOD(Fixture, "a changed configuration is reloaded group by group") {
  server.write_config(kPrograms +
                      "[program:added]\ncommand=/bin/sleep 1000\nautostart=false\nstartsecs=0\n"s);
  const auto reloaded = supervisor.reload_config();
  REQUIRE(reloaded);
  CHECK(reloaded->added == std::vector<std::string>{"added"});
  CHECK(reloaded->changed.empty());
  CHECK(reloaded->removed.empty());
  CHECK(supervisor.add_process_group("added") == true);
  CHECK(fails_with(supervisor.add_process_group("added"), FaultCode::already_added));
  CHECK(supervisor.start_process("added") == true);
  CHECK(fails_with(supervisor.remove_process_group("added"), FaultCode::still_running));
  CHECK(supervisor.stop_process("added") == true);
  CHECK(supervisor.remove_process_group("added") == true);

  server.write_config("[nonsense");
  CHECK(fails_with(supervisor.reload_config(), FaultCode::cant_reread));
}

TEST_CASE_METHOD(Fixture,
                 "supervisord restarts and shuts down, and calls find it again or say that it is gone") {
  REQUIRE(supervisor.restart() == true);
  CHECK(eventually([this] { return supervisor.get_state() == SupervisorState::running; }));
  CHECK(supervisor.get_pid() == server.pid());
  REQUIRE(supervisor.shutdown() == true);
  CHECK(eventually([this] {
    const auto state = supervisor.get_state();
    return !state && state.error().kind == Error::Kind::unreachable;
  }));
}
