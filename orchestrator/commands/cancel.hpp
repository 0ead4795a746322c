#pragma once

#include <string>

#include "orchestrator/commands/daemon_access.hpp"

namespace wsbench::commands {

struct CancelOptions {
  ControlServerOptions server;
  std::string name;  ///< a group, or "group:contestant" to skip one
};
int cancel_command(const CancelOptions& options);

}  // namespace wsbench::commands
