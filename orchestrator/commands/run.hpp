#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "orchestrator/config/suite_config.hpp"

namespace wsbench::commands {

struct RunOptions {
  std::filesystem::path config;
  config::Overrides overrides;
  bool local = false;
  bool resume = false;
  bool json = false;
  std::string listen;  ///< serve the control server there while it runs: "127.0.0.1:9002"; empty: do not
};
int run_command(const RunOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
