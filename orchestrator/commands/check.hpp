#pragma once

#include <filesystem>

#include "orchestrator/config/suite_config.hpp"

namespace wsbench::commands {

struct CheckOptions {
  std::filesystem::path config;
  config::Overrides overrides;
  bool local = false;
};
int check_command(const CheckOptions& options);

}  // namespace wsbench::commands
