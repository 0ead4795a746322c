#pragma once

#include <string>

#include "orchestrator/commands/daemon_access.hpp"

namespace wsbench::commands {

struct ResultOptions {
  ControlServerOptions server;
  std::string run;  ///< a run or a group; empty: the latest run
  bool json = false;
};
int result_command(const ResultOptions& options);

}  // namespace wsbench::commands
