#include "tests/support/supervisord.hpp"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "rpc/endpoint.hpp"
#include "rpc/http_transport.hpp"
#include "rpc/supervisor.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace wsbench::rpc;
using wsbench::test::Supervisord;

namespace {

// The programs log to files that the tests write themselves, so that what a log holds is known to the byte.
const char* const kPrograms = R"(
[program:sleeper]
command=/bin/sleep 1000
autostart=false
autorestart=false
startsecs=0
stopwaitsecs=1
stdout_logfile={dir}/sleeper.out
stderr_logfile={dir}/sleeper.err

[program:slow]
command=/bin/sleep 1000
autostart=false
startsecs=2
startretries=0

[program:broken]
command=/bin/false
autostart=false
startsecs=1
startretries=0

[program:missing]
command={dir}/no-such-program
autostart=false

[program:echo]
command=/bin/cat
autostart=false
startsecs=0
stdout_logfile={dir}/echo.out

[program:pair]
command=/bin/sleep 1000
process_name=%(program_name)s-%(process_num)s
numprocs=2
autostart=false
startsecs=0
)";

Supervisor connected(const std::string& url) {
  const auto endpoint = parse_endpoint(url);
  REQUIRE(endpoint);
  return Supervisor(make_http_transport(*endpoint));
}

/// One supervisord for a whole case: starting one takes longer than all that is asked of it.
struct Fixture {
  Supervisord server{{kPrograms}};
  Supervisor supervisor = connected(server.url());

  void write_log(const std::string& name, const std::string& bytes) const {
    std::ofstream(server.directory() / name, std::ios::binary | std::ios::trunc) << bytes;
  }

  /// Polls, since supervisord learns of a change in its own time.
  template <typename Condition>
  bool eventually(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      std::this_thread::sleep_for(20ms);
    }
    return true;
  }

  bool reaches(const std::string& name, ProcessState state) {
    return eventually([&] {
      const auto info = supervisor.get_process_info(name);
      return info && info->state == state;
    });
  }
};

template <typename T>
bool fails_with(const Result<T>& result, FaultCode code) {
  return !result && result.error().is(code);
}

}  // namespace

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

TEST_CASE_METHOD(Fixture, "a log is read and tailed") {
  // supervisord clears the logs of a process that has run: the others it never opened.
  REQUIRE(supervisor.start_process("sleeper"));
  write_log("sleeper.out", "0123456789");
  CHECK(supervisor.read_process_stdout_log("sleeper", 0, 0) == "0123456789");
  CHECK(supervisor.read_process_stdout_log("sleeper", 2, 3) == "234");
  CHECK(supervisor.read_process_stdout_log("sleeper", -4, 0) == "6789");
  CHECK(fails_with(supervisor.read_process_stdout_log("sleeper", -4, 2), FaultCode::bad_arguments));
  CHECK(fails_with(supervisor.read_process_stderr_log("nobody", 0, 0), FaultCode::bad_name));

  const auto fresh = supervisor.tail_process_stdout_log("sleeper", 7, 100);
  REQUIRE(fresh);
  CHECK(fresh->text == "789");
  CHECK(fresh->offset == 10);
  CHECK_FALSE(fresh->overflow);
  const auto rotated = supervisor.tail_process_stdout_log("sleeper", 50, 4);
  REQUIRE(rotated);
  CHECK(rotated->text == "6789");
  CHECK(rotated->overflow);
  CHECK(supervisor.tail_process_stderr_log("sleeper", 0, 10)->text.empty());

  CHECK(supervisor.clear_process_logs("sleeper") == true);
  CHECK(supervisor.tail_process_stdout_log("sleeper", 0, 10)->offset == 0);
  const auto cleared = supervisor.clear_all_process_logs();
  REQUIRE(cleared);
  CHECK(cleared->size() == 7);
}

TEST_CASE_METHOD(Fixture, "a log with bytes that XML forbids is read") {
  write_log("sleeper.err", "\x1b[31mred\x1b[0m \xEF\xBF\xBE a\0b \r\n <&]]> end\n"s);
  const std::string expected = "?[31mred?[0m \xEF\xBF\xBD a?b \r\n <&]]> end\n";
  CHECK(supervisor.read_process_stderr_log("sleeper", 0, 0) == expected);
  const auto tail = supervisor.tail_process_stderr_log("sleeper", 0, 1000);
  REQUIRE(tail);
  CHECK(tail->text == expected);
}

TEST_CASE_METHOD(Fixture,
                 "a log that is not UTF-8 is read all the same, without noise in supervisord's own") {
  std::string bytes;
  for (int i = 0; i < 2000; ++i) bytes += "line " + std::to_string(i) + " \xE2\x82\xAC\n";
  std::string expected = bytes;
  for (const char* line : {"line 3 ", "line 1000 ", "line 1999 "}) {
    const std::size_t at = bytes.find(line);
    bytes[at] = '\xE9';
    expected[at] = '?';
  }
  write_log("sleeper.err", bytes);
  CHECK(supervisor.read_process_stderr_log("sleeper", 0, 0) == expected);

  const auto tail = supervisor.tail_process_stderr_log("sleeper", 0, 4000);
  REQUIRE(tail);
  const std::string window = expected.substr(expected.size() - 4000);
  REQUIRE(tail->text.size() > 3990);
  CHECK(window.substr(window.size() - tail->text.size()) == tail->text);
  CHECK(tail->offset == static_cast<std::int64_t>(bytes.size()));

  const std::string log = server.log();
  std::size_t tracebacks = 0;
  for (auto at = log.find("Traceback"); at != log.npos; at = log.find("Traceback", at + 1)) ++tracebacks;
  CHECK(tracebacks <= 4);
}

TEST_CASE_METHOD(Fixture, "a window that cuts a character is shifted") {
  write_log("sleeper.out",
            "ab\xE2\x82\xAC"
            "cd");
  CHECK(supervisor.read_process_stdout_log("sleeper", 0, 4) == "ab");
  CHECK(supervisor.read_process_stdout_log("sleeper", -4, 0) == "cd");
  const auto tail = supervisor.tail_process_stdout_log("sleeper", 0, 4);
  REQUIRE(tail);
  CHECK(tail->text == "cd");
  CHECK(tail->offset == 7);
  CHECK(tail->overflow);
}

TEST_CASE_METHOD(Fixture, "a log over 2 GiB, which supervisord does not tail, is tailed by reads") {
  constexpr std::int64_t kSize = std::int64_t{5} << 30U;
  write_log("sleeper.err", "");
  std::filesystem::resize_file(server.directory() / "sleeper.err", kSize);
  std::ofstream(server.directory() / "sleeper.err", std::ios::binary | std::ios::app) << "the end";
  CHECK(supervisor.read_process_stderr_log("sleeper", -7, 0) == "the end");
  CHECK(supervisor.read_process_stderr_log("sleeper", kSize + 4, 0) == "end");

  const auto tail = supervisor.tail_process_stderr_log("sleeper", 0, 9);
  REQUIRE(tail);
  CHECK(tail->text == "??the end");
  CHECK(tail->offset == kSize + 7);
  CHECK(tail->overflow);
  std::ofstream(server.directory() / "sleeper.err", std::ios::binary | std::ios::app) << " and more";
  const auto next = supervisor.tail_process_stderr_log("sleeper", tail->offset, 1000);
  REQUIRE(next);
  CHECK(next->text == " and more");
  CHECK(next->offset == kSize + 16);
  CHECK_FALSE(next->overflow);
  write_log("sleeper.err", "rotated");
  const auto rotated = supervisor.tail_process_stderr_log("sleeper", next->offset, 1000);
  REQUIRE(rotated);
  CHECK(rotated->text == "rotated");
  CHECK(rotated->overflow);
}

TEST_CASE_METHOD(Fixture, "supervisord's own log is read, even when it is not UTF-8") {
  CHECK(supervisor.read_log(0, 0).value().find("supervisord started") != std::string::npos);
  CHECK(supervisor.clear_log() == true);
  std::ofstream(server.directory() / "supervisord.log", std::ios::binary | std::ios::app) << "caf\xE9 here\n";
  CHECK(supervisor.read_log(0, 0).value().find("caf? here\n") != std::string::npos);
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
