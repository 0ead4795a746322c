#pragma once

#include <stop_token>

#include "orchestrator/commands/daemon_access.hpp"

namespace wsbench::commands {

struct WatchOptions {
  ControlServerOptions server;
};
int watch_command(const WatchOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
