#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "orchestrator/commands/daemon_access.hpp"

namespace wsbench::commands {

struct TailOptions {
  std::string supervisord;  ///< its URL; empty: ask the control server
  ControlServerOptions server;
  std::string name;  ///< "contestant", or "group:contestant" of a control server's
  bool stderr_log = false;
  bool follow = false;
  std::int64_t bytes = 1600;
};
int tail_command(const TailOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
