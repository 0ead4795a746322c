#include <cstdio>
#include <exception>

#include "orchestrator/command_line/command_line.hpp"
#include "orchestrator/commands/exit_code.hpp"

int main(int argc, char** argv) {
  try {
    return wsbench::command_line::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wsbench: %s\n", error.what());
    return wsbench::commands::kInfrastructure;
  }
}
