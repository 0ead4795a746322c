#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "orchestrator/commands/supervisord_access.hpp"

namespace wsbench::commands {

struct ConformanceOptions {
  SupervisordOptions supervisord;
  std::vector<std::string> contestants;  ///< empty: all
  std::string host;                      ///< where they listen; empty: on supervisord's machine
  std::uint16_t port = 8000;
  bool json = false;
};
int conformance_command(const ConformanceOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
