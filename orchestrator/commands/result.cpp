#include "orchestrator/commands/result.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"

namespace wsbench::commands {

using nlohmann::json;

int result_command(const ResultOptions& options) {
  auto access = DaemonAccess::open(options.server);
  if (!access) return fail(kInfrastructure, access.error());
  auto run = options.run;
  if (run.empty()) {
    const auto runs = access->call("runs");
    if (!runs) return fail(runs.error());
    if (runs->empty()) return fail(kUsage, "nothing has been measured yet");
    const auto measured = std::find_if(runs->begin(), runs->end(),
                                       [](const json& one) { return one.value("contestants", 0) > 0; });
    run = (measured != runs->end() ? *measured : runs->front()).value("run", "");
  }
  const auto text = access->call(options.json ? "result" : "report", {run});
  if (!text) return fail(text.error(), run);
  fmt::print("{}", text->get<std::string>());
  if (options.json) fmt::print("\n");
  return kSuccess;
}

}  // namespace wsbench::commands
