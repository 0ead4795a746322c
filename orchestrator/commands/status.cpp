#include "orchestrator/commands/status.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/commands/status_text.hpp"

namespace wsbench::commands {

int status_command(const StatusOptions& options) {
  auto access = DaemonAccess::open(options.server);
  if (!access) return fail(kInfrastructure, access.error());
  const auto status = access->call("status");
  if (!status) return fail(status.error());
  if (options.json) {
    print_json(*status);
    return kSuccess;
  }
  const auto text = render_status(*status, options.name, is_on_terminal());
  if (text.empty() && !options.name.empty())
    return fail(kUsage, fmt::format("there is no {}; `wsbench queue` lists the suites", options.name));
  if (text.empty())
    fmt::print("No suite waits or runs. `wsbench submit configs/smoke.json` puts one into the queue.\n");
  fmt::print("{}", text);
  return kSuccess;
}

}  // namespace wsbench::commands
