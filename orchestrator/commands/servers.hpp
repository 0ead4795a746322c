#pragma once

#include "orchestrator/commands/supervisord_access.hpp"

namespace wsbench::commands {

struct ServersOptions {
  SupervisordOptions supervisord;
  bool json = false;
};
int servers_command(const ServersOptions& options);

}  // namespace wsbench::commands
