#include "orchestrator/commands/daemon.hpp"

#include <memory>

#include <CLI/CLI.hpp>

#include "orchestrator/command_line/options.hpp"
#include "orchestrator/command_line/subcommands.hpp"
#include "orchestrator/commands/cancel.hpp"
#include "orchestrator/commands/queue.hpp"
#include "orchestrator/commands/result.hpp"
#include "orchestrator/commands/status.hpp"
#include "orchestrator/commands/submit.hpp"
#include "orchestrator/commands/watch.hpp"
#include "orchestrator/daemon/daemon_config.hpp"
#include "orchestrator/machine/interrupt.hpp"

namespace wsbench::command_line {

namespace {

void add_daemon(const Subcommands& to) {
  const auto options = std::make_shared<commands::DaemonOptions>();
  auto& daemon =
      to.add("daemon", "Run suites from a queue, one after another, and serve the control server",
             [options, &interrupt = to.interrupt] { return commands::daemon_command(*options, interrupt); });
  daemon.add_option("CONFIG", options->config, "the daemon's file (JSON; --help-keys tells its keys)")
      ->required();
  add_overrides(daemon, options->overrides, "replace a key of the daemon's file, such as --set listen=9003");
  add_help_keys(daemon, daemon::daemon_keys, daemon::daemon_schema);
  daemon.footer(
      "SIGTERM and SIGINT end it in order: the contestant being measured is stopped, and its suite continues "
      "when the\n"
      "daemon is started again. SIGHUP reopens log_file.");
}

void add_submit(const Subcommands& to) {
  auto [submit, options] = to.add("submit", "Put a suite into a daemon's queue", commands::submit_command);
  submit.add_option("CONFIG", options.config, "the suite file")->required();
  submit.add_flag("--local", options.local, "as for run --local, on the daemon's machine");
  submit.add_flag("--json", options.json, "print the job as JSON");
  add_overrides(submit, options.overrides);
  add_server(submit, options.server);
}

void add_queue(const Subcommands& to) {
  auto [queue, options] =
      to.add("queue", "List a daemon's suites: running, waiting, ended", commands::queue_command);
  queue.add_flag("--json", options.json, "as JSON");
  add_server(queue, options.server);
}

void add_cancel(const Subcommands& to) {
  auto [cancel, options] =
      to.add("cancel", "Cancel a suite, or skip one of its contestants", commands::cancel_command);
  cancel.add_option("NAME", options.name, "a suite, or suite:contestant")->required();
  add_server(cancel, options.server);
}

void add_result(const Subcommands& to) {
  auto [result, options] =
      to.add("result", "Print the ranked tables of a daemon's run", commands::result_command);
  result.add_option("RUN", options.run,
                    "the name of a run, or of a suite for its last run; by default the latest run");
  result.add_flag("--json", options.json, "print its results.json instead");
  add_server(result, options.server);
}

void add_status(const Subcommands& to) {
  auto [status, options] =
      to.add("status", "Show how far each contestant of a daemon's suites is", commands::status_command);
  status.add_option("NAME", options.name, "only this suite, or suite:contestant");
  status.add_flag("--json", options.json, "as JSON");
  add_server(status, options.server);
}

void add_watch(const Subcommands& to) {
  auto [watch, options] =
      to.add("watch", "Watch a daemon's suites live on the terminal; Ctrl-C ends", commands::watch_command);
  add_server(watch, options.server);
}

}  // namespace

void add_daemon_commands(const Subcommands& to) {
  add_daemon(to);
  add_submit(to);
  add_queue(to);
  add_cancel(to);
  add_result(to);
  add_status(to);
  add_watch(to);
}

}  // namespace wsbench::command_line
