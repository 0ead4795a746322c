#include "orchestrator/command_line.hpp"

#include <functional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "orchestrator/command_line/subcommands.hpp"
#include "orchestrator/commands.hpp"
#include "orchestrator/interrupt.hpp"
#include "orchestrator/version.hpp"

namespace wsbench::orchestrator {

CLI::App* Subcommands::add(const char* name, const char* description, std::function<int()> action) const {
  auto* added = app.add_subcommand(name, description);
  added->callback([&picked = chosen, action = std::move(action)] { picked = action; });
  return added;
}

int run_command_line(int argc, char** argv) {
  Interrupt interrupt;
  std::function<int()> chosen;
  CLI::App app("wsbench: a WebSocket benchmark suite that keeps every event and ranks honestly", "wsbench");
  app.set_version_flag("--version", std::string("wsbench ") + kVersion);
  app.require_subcommand(1);
  app.footer(kExitCodes);

  const Subcommands subcommands{app, interrupt, chosen};
  add_suite_commands(subcommands);
  add_daemon_commands(subcommands);
  add_run_commands(subcommands);
  add_contestant_commands(subcommands);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kSuccess : kUsage;
  }
  return chosen();
}

}  // namespace wsbench::orchestrator
