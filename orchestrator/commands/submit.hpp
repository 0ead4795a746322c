#pragma once

#include <filesystem>

#include "orchestrator/commands/daemon_access.hpp"
#include "orchestrator/config/suite_config.hpp"

namespace wsbench::commands {

struct SubmitOptions {
  ControlServerOptions server;
  std::filesystem::path config;
  config::Overrides overrides;
  bool local = false;
  bool json = false;
};
int submit_command(const SubmitOptions& options);

}  // namespace wsbench::commands
