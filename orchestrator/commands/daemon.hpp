#pragma once

#include <filesystem>

#include "orchestrator/config/suite_config.hpp"

namespace wsbench::machine {
class Interrupt;
}

namespace wsbench::commands {

struct DaemonOptions {
  std::filesystem::path config;
  config::Overrides overrides;
};
int daemon_command(const DaemonOptions& options, machine::Interrupt& interrupt);

}  // namespace wsbench::commands
