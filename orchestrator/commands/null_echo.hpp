#pragma once

#include <cstdint>
#include <stop_token>

namespace wsbench::commands {

struct NullEchoOptions {
  std::uint16_t port = 8000;
};
int null_echo_command(const NullEchoOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
