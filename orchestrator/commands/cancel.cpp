#include "orchestrator/commands/cancel.hpp"

#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"

namespace wsbench::commands {

int cancel_command(const CancelOptions& options) {
  auto access = DaemonAccess::open(options.server);
  if (!access) return fail(kInfrastructure, access.error());
  const auto colon = options.name.find(':');
  const bool whole_suite = colon == std::string::npos;
  const auto done =
      whole_suite ? access->call("cancel", {options.name})
                  : access->call("skip", {options.name.substr(0, colon), options.name.substr(colon + 1)});
  if (!done) return fail(done.error(), options.name);
  fmt::print("{} is {}\n", options.name, whole_suite ? "cancelled" : "skipped");
  return kSuccess;
}

}  // namespace wsbench::commands
