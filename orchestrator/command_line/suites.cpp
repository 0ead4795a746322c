#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "orchestrator/command_line/options.hpp"
#include "orchestrator/command_line/subcommands.hpp"
#include "orchestrator/commands/check.hpp"
#include "orchestrator/commands/check_contestants.hpp"
#include "orchestrator/commands/run.hpp"
#include "orchestrator/commands/test.hpp"
#include "orchestrator/config/suite_keys.hpp"
#include "orchestrator/machine/interrupt.hpp"

namespace wsbench::command_line {

namespace {

void add_run(const Subcommands& to) {
  auto [run, options] =
      to.add("run", "Run a suite in the foreground and print its ranked results", commands::run_command);
  run.add_option("CONFIG", options.config, "the suite file (JSON; --help-keys tells its keys)")->required();
  run.add_flag("--local", options.local,
               "start a supervisord on loopback for this suite, and end it with it");
  run.add_flag("--resume", options.resume,
               "continue the suite's last run that is not complete, if there is one");
  run.add_flag("--json", options.json, "print results.json instead of the tables");
  run.add_option("--listen", options.listen,
                 "serve the dashboard, `wsbench status` and supervisorctl there while it runs")
      ->type_name("[ADDRESS:]PORT")
      ->expected(0, 1)
      ->default_str("127.0.0.1:9002");
  add_transport(run, options.overrides);
  add_overrides(run, options.overrides);
  add_help_keys(run, config::suite_keys, config::suite_schema);
  run.footer(kExitCodes);
}

void add_test(const Subcommands& to) {
  auto [test, options] = to.add("test", "Load one server once, without supervisord", commands::test_command);
  test.add_option("DB_PATH", options.database, "the run's new directory")->required();
  test.add_option("SECONDS", options.seconds, "how long to measure")
      ->required()
      ->check(CLI::Validator(
          [](const std::string& text) {
            double seconds = 0;
            const bool good =
                CLI::detail::lexical_cast(text, seconds) && seconds >= 0.001 && seconds <= 604800;
            return good ? std::string() : text + ": must be from 0.001 to 604800 seconds (a week)";
          },
          ""));
  test.add_option("HOST", options.host, "where the server is")->required();
  test.add_option("PORT", options.port, "its port")->required()->check(CLI::Range(1, 65535));
  test.add_option("CLIENTS", options.clients, "how many WebSocket clients")
      ->required()
      ->check(CLI::Range(1, 1000000));
  test.add_flag("--json", options.json, "print results.json instead of the tables");
  add_transport(test, options.overrides);
  add_overrides(
      test, options.overrides,
      "a key of suite files that shapes the load, such as --set mode=closed or --set interval_ms=100");
  test.footer(kExitCodes);
}

void add_check(const Subcommands& to) {
  const auto suite = std::make_shared<commands::CheckOptions>();
  const auto contestants = std::make_shared<commands::CheckContestantsOptions>();
  auto& check =
      to.add("check", "Find what would make a suite fail, before it runs",
             [suite, contestants, stop = to.interrupt.token()] {
               if (!suite->config.empty()) return commands::check_command(*suite);
               std::erase(contestants->contestants, "");  // CLI11's word for the option without a name
               return commands::check_contestants_command(*contestants, stop);
             });
  auto* subject = check.add_option_group("What to check")->require_option(1);
  subject->add_option("CONFIG", suite->config, "the suite file");
  subject
      ->add_option("--contestants", contestants->contestants,
                   "instead of a suite: what these contestants of competition/ lack; all without a name")
      ->type_name("[NAME...]")
      ->expected(0, -1);
  check.add_flag("--local", suite->local, "as for run --local");
  add_overrides(check, suite->overrides);
}

}  // namespace

void add_suite_commands(const Subcommands& to) {
  add_run(to);
  add_test(to);
  add_check(to);
}

}  // namespace wsbench::command_line
