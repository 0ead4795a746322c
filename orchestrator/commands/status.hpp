#pragma once

#include <string>

#include "orchestrator/commands/daemon_access.hpp"

namespace wsbench::commands {

struct StatusOptions {
  ControlServerOptions server;
  std::string name;  ///< a group or "group:contestant"; empty: all
  bool json = false;
};
int status_command(const StatusOptions& options);

}  // namespace wsbench::commands
