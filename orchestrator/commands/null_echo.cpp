#include "orchestrator/commands/null_echo.hpp"

#include "client/null_echo/null_echo.hpp"
#include "orchestrator/commands/exit_code.hpp"

namespace wsbench::commands {

int null_echo_command(const NullEchoOptions& options, const std::stop_token& stop) {
  const auto served = client::serve_null_echo(options.port, stop);
  return served ? static_cast<int>(kSuccess) : fail(kInfrastructure, served.error());
}

}  // namespace wsbench::commands
