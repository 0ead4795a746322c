#include "orchestrator/command_line/command_line.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "orchestrator/command_line/subcommands.hpp"
#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/machine/interrupt.hpp"
#include "orchestrator/util/suggest.hpp"
#include "orchestrator/util/version.hpp"

namespace wsbench::command_line {

CLI::App& Subcommands::add(const char* name, const char* description, std::function<int()> action) const {
  auto* added = app.add_subcommand(name, description);
  added->callback([&picked = chosen, action = std::move(action)] { picked = action; });
  return *added;
}

namespace {

int tell_missing_subcommand(const CLI::App& app) {
  const auto words = app.remaining();
  std::vector<std::string> known;
  for (const CLI::App* const subcommand : app.get_subcommands({})) known.push_back(subcommand->get_name());
  const auto meant = words.empty() ? std::nullopt : util::nearest(words.front(), known);
  return commands::fail(
      commands::kUsage,
      fmt::format("{}; {}",
                  words.empty() ? "a subcommand is needed" : fmt::format("there is no \"{}\"", words.front()),
                  meant ? fmt::format("did you mean {}?", *meant) : "`wsbench --help` lists them"));
}

/// Flushes the standard output and reports a failure, unless the reader has gone (head has what it wanted).
bool flush_output() {
  const bool failed_before = std::ferror(stdout) != 0;
  errno = 0;
  if (std::fflush(stdout) == 0 && !failed_before) return true;
  if (errno == EPIPE) return true;
  fmt::print(stderr, "wsbench: the standard output cannot be written: {}\n",
             errno != 0 ? std::generic_category().message(errno) : "not all of it was");
  return false;
}

/// Help may be longer than the stream's buffer: a reader that has gone is noticed while it is written.
bool print_help(const std::string& text) {
  errno = 0;
  const bool is_whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return (!is_whole && errno == EPIPE) || flush_output();
}

}  // namespace

int run_command_line(int argc, char** argv) {
  machine::Interrupt interrupt;
  std::function<int()> chosen;
  CLI::App app("wsbench: a WebSocket benchmark suite that keeps every event and ranks honestly", "wsbench");
  app.set_version_flag("--version", std::string("wsbench ") + util::kVersion);
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
    if (app.get_subcommands().empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
      return tell_missing_subcommand(app);
    std::ostringstream help;
    const int code = app.exit(error, help) == 0 ? commands::kSuccess : commands::kUsage;
    return print_help(help.str()) ? code : commands::kInfrastructure;
  }
  try {
    const int code = chosen();
    return flush_output() ? code : std::max<int>(code, commands::kInfrastructure);
  } catch (const std::system_error& error) {
    // The reader left before the command was done, so its own exit code is not known.
    if (error.code() == std::errc::broken_pipe) return commands::kInfrastructure;
    throw;
  }
}

}  // namespace wsbench::command_line
