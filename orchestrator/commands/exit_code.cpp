#include "orchestrator/commands/exit_code.hpp"

#include <cstdio>

#include <fmt/format.h>

namespace wsbench::commands {

int fail(ExitCode code, std::string_view message) {
  fmt::print(stderr, "wsbench: {}\n", message);
  return code;
}

}  // namespace wsbench::commands
