#pragma once

namespace wsbench::command_line {

/// Parses the command line, runs the subcommand and returns the exit code.
int run_command_line(int argc, char** argv);

}  // namespace wsbench::command_line
