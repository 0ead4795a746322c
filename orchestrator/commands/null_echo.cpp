#include "client/null_echo/null_echo.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "orchestrator/commands/commands.hpp"

namespace wsbench::commands {

int null_echo_command(const NullEchoOptions& options, const std::stop_token& stop) {
  if (const auto served = client::serve_null_echo(options.port, stop); !served) {
    fmt::print(stderr, "wsbench: {}\n", served.error());
    return kInfrastructure;
  }
  return kSuccess;
}

}  // namespace wsbench::commands
