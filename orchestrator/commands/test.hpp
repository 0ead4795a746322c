#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "orchestrator/config/suite_config.hpp"

namespace wsbench::commands {

struct TestOptions {
  std::filesystem::path database;
  double seconds = 0;
  std::string host;
  std::uint16_t port = 0;
  std::uint32_t clients = 0;
  config::Overrides overrides;  ///< of the suite keys that shape a load
  bool json = false;
};
int test_command(const TestOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
