#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "orchestrator/machine/interrupt.hpp"

// The subcommands, in a file for each group.

namespace CLI {
class App;
}

namespace wsbench::command_line {

inline constexpr const char* kExitCodes =
    "Exit codes: 0 all contestants measured and thresholds met; 1 a contestant failed, was invalid or missed "
    "a threshold;\n"
    "2 the command line or the config is wrong; 3 the infrastructure failed (supervisord, disk); 130 "
    "interrupted.";

/// A subcommand's parser, and the options that it writes, which live as long as its action.
template <typename Options>
struct Subcommand {
  CLI::App& app;
  Options& options;
};

/// Where subcommands are added: the parser, and the action that it chooses.
struct Subcommands {
  CLI::App& app;
  machine::Interrupt& interrupt;  ///< outlives the actions
  std::function<int()>& chosen;

  CLI::App& add(const char* name, const char* description, std::function<int()> action) const;

  template <typename Options>
  Subcommand<Options> add(const char* name, const char* description, int (*command)(const Options&)) const {
    const auto options = std::make_shared<Options>();
    return {add(name, description, [command, options] { return command(*options); }), *options};
  }

  template <typename Options>
  Subcommand<Options> add(const char* name, const char* description,
                          int (*command)(const Options&, const std::stop_token&)) const {
    const auto options = std::make_shared<Options>();
    return {add(name, description,
                [command, options, stop = interrupt.token()] { return command(*options, stop); }),
            *options};
  }
};

void add_suite_commands(const Subcommands& to);   ///< run, test, check
void add_daemon_commands(const Subcommands& to);  ///< daemon, submit, queue, cancel, result, status, watch
void add_run_commands(const Subcommands& to);     ///< report, export, stats, events, runs, rm, prune
void add_contestant_commands(const Subcommands& to);  ///< servers, tail, conformance, null-echo

}  // namespace wsbench::command_line
