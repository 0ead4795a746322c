#include "orchestrator/commands/queue.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/commands/status_text.hpp"

namespace wsbench::commands {

int queue_command(const QueueOptions& options) {
  auto access = DaemonAccess::open(options.server);
  if (!access) return fail(kInfrastructure, access.error());
  const auto jobs = access->call("queue");
  if (!jobs) return fail(jobs.error());
  if (options.json) {
    print_json(*jobs);
  } else if (jobs->empty()) {
    fmt::print("The queue is empty. `wsbench submit configs/smoke.json` puts a suite into it.\n");
  } else {
    fmt::print("{}", render_queue(*jobs, is_on_terminal()));
  }
  return kSuccess;
}

}  // namespace wsbench::commands
