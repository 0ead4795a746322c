#pragma once

namespace wsbench::orchestrator {

/// Parses the command line, runs the subcommand and returns the exit code.
int run_command_line(int argc, char** argv);

}  // namespace wsbench::orchestrator
