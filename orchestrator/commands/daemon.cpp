#include "orchestrator/commands/daemon.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stop_token>
#include <utility>

#include <fmt/format.h>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/control/control_server.hpp"
#include "orchestrator/daemon/daemon.hpp"
#include "orchestrator/daemon/daemon_config.hpp"
#include "orchestrator/daemon/log.hpp"
#include "orchestrator/daemon/service_manager.hpp"
#include "orchestrator/machine/interrupt.hpp"

namespace wsbench::commands {

namespace {

using namespace std::chrono_literals;

control::ControlSettings settings_of(const daemon::DaemonConfig& config) {
  return {{config.address, config.user, config.password, config.origins}, config.port};
}

/// Waits until a signal or a client asks the daemon to end.
void wait_for_the_end(daemon::Daemon& daemon, const std::stop_token& stop) {
  const auto watchdog = daemon::watchdog_interval();
  const std::chrono::milliseconds interval =
      watchdog ? std::chrono::duration_cast<std::chrono::milliseconds>(*watchdog) : 1s;
  while (!stop.stop_requested() && !daemon.stopping()) {
    if (watchdog) daemon::tell_alive();
    daemon.wait_for(std::min<std::chrono::milliseconds>(interval, 200ms));
  }
}

}  // namespace

int daemon_command(const DaemonOptions& options, machine::Interrupt& interrupt) {
  const auto config = daemon::read_daemon_file(options.config, options.overrides);
  if (!config) return fail(config.error());
  std::unique_ptr<daemon::PidFile> pid_file;
  if (!config->pid_file.empty()) {
    auto made = daemon::PidFile::make(config->pid_file);
    if (!made) return fail(kInfrastructure, made.error());
    pid_file = std::move(*made);
  }
  auto log = daemon::Log::open(config->log_file);
  if (!log) return fail(kInfrastructure, log.error());
  const auto reopening = interrupt.on_hangup([&log] { (*log)->reopen(); });
  auto daemon = daemon::Daemon::open(*config, **log);
  if (!daemon) return fail(kInfrastructure, daemon.error());
  auto server = control::ControlServer::start(settings_of(*config), **daemon, (*daemon)->board());
  if (!server) return fail(kInfrastructure, server.error());

  const auto listening = fmt::format("listening at {}", (*server)->url());
  (*log)->info(listening);
  // With a log file, the terminal would stay silent, so it is told where the daemon listens.
  if (!config->log_file.empty()) fmt::print(stderr, "wsbench: {}\n", listening);
  (*daemon)->start();
  daemon::tell_ready(listening);

  wait_for_the_end(**daemon, interrupt.token());
  daemon::tell_stopping();
  (*log)->info("ending");
  (*daemon)->shut_down();
  // The server answers until the suite has ended, so that its end can be watched.
  while (!(*daemon)->wait_for(1s)) daemon::tell_alive();
  server->reset();
  daemon->reset();
  (*log)->info("ended");
  return kSuccess;
}

}  // namespace wsbench::commands
