#include <string>

#include <CLI/CLI.hpp>

#include "orchestrator/command_line/options.hpp"
#include "orchestrator/command_line/subcommands.hpp"
#include "orchestrator/commands/conformance.hpp"
#include "orchestrator/commands/null_echo.hpp"
#include "orchestrator/commands/servers.hpp"
#include "orchestrator/commands/tail.hpp"

namespace wsbench::command_line {

namespace {

void add_supervisord(CLI::App& command, commands::SupervisordOptions& options) {
  command.add_option("-s,--supervisord", options.url, "http://[user:password@]host:port or unix:///path")
      ->type_name("URL")
      ->capture_default_str();
  command.add_flag("--local", options.local, "start a supervisord for this command, and ask that");
}

void add_servers(const Subcommands& to) {
  auto [servers, options] =
      to.add("servers", "List the contestants that a supervisord has", commands::servers_command);
  add_supervisord(servers, options.supervisord);
  servers.add_flag("--json", options.json, "as JSON");
}

void add_tail(const Subcommands& to) {
  auto [tail, options] = to.add("tail", "Show the end of a contestant's log", commands::tail_command);
  tail.add_option("NAME", options.name, "the contestant, or suite:contestant")->required();
  tail.add_option_function<std::string>(
          "CHANNEL",
          [&options = options](const std::string& channel) { options.stderr_log = channel == "stderr"; },
          "stdout or stderr")
      ->check(CLI::IsMember({"stdout", "stderr"}));
  tail.add_flag("-f,--follow", options.follow, "go on showing what is added");
  tail.add_option("-n,--bytes", options.bytes, "how much of the end")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  tail.add_option("-s,--supervisord", options.supervisord, "ask this supervisord, and no control server")
      ->type_name("URL");
  add_server(tail, options.server);
}

void add_conformance(const Subcommands& to) {
  auto [conformance, options] = to.add("conformance", "Hold contestants to the rules of the competition",
                                       commands::conformance_command);
  auto* subject = conformance.add_option_group("Which contestants")->require_option(1);
  subject->add_option("NAME", options.contestants, "these");
  subject->add_flag("--all")->description(
      "every contestant that supervisord has");  // not kept: no NAME means all
  add_supervisord(conformance, options.supervisord);
  conformance
      .add_option("--host", options.host, "where the contestants listen; supervisord's host unless given")
      ->type_name("HOST");
  conformance.add_option("--port", options.port, "their port; with --local a free one is taken")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  conformance.add_flag("--json", options.json, "print JSON instead of the matrix");
  conformance.footer(
      "Exit codes: 0 every contestant that is installed keeps the rules, but for what its manifest "
      "expects;\n"
      "1 one does not; 2 the command line is wrong; 3 supervisord cannot be reached; 130 interrupted.");
}

void add_null_echo(const Subcommands& to) {
  auto [null_echo, options] =
      to.add("null-echo", "Serve the echo server that suites are calibrated against, on 127.0.0.1",
             commands::null_echo_command);
  null_echo.add_option("--port", options.port, "where to listen")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
}

}  // namespace

void add_contestant_commands(const Subcommands& to) {
  add_servers(to);
  add_tail(to);
  add_conformance(to);
  add_null_echo(to);
}

}  // namespace wsbench::command_line
