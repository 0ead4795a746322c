#pragma once

#include "orchestrator/commands/daemon_access.hpp"

namespace wsbench::commands {

struct QueueOptions {
  ControlServerOptions server;
  bool json = false;
};
int queue_command(const QueueOptions& options);

}  // namespace wsbench::commands
