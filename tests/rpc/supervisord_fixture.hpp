#pragma once

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "rpc/endpoint.hpp"
#include "rpc/http_transport.hpp"
#include "rpc/supervisor.hpp"
#include "tests/support/supervisord.hpp"

// A real supervisord with programs to try rpc/ on.

namespace wsbench::rpc {

// The programs log to files that the tests write themselves, so that what a log holds is known to the byte.
inline constexpr const char* kPrograms = R"(
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

inline Supervisor connected(const std::string& url) {
  const auto endpoint = parse_endpoint(url);
  REQUIRE(endpoint);
  return Supervisor(make_http_transport(*endpoint));
}

/// One supervisord for a whole case: starting one takes longer than all that is asked of it.
struct SupervisordFixture {
  test::Supervisord server{{kPrograms}};
  Supervisor supervisor = connected(server.url());

  void write_log(const std::string& name, const std::string& bytes) const {
    std::ofstream(server.directory() / name, std::ios::binary | std::ios::trunc) << bytes;
  }

  /// Polls, since supervisord learns of a change in its own time.
  template <typename Condition>
  bool eventually(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
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

}  // namespace wsbench::rpc
