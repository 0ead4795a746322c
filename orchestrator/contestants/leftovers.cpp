#include "orchestrator/contestants/leftovers.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wsbench::contestants {

tl::expected<void, InfrastructureError> stop_leftovers(rpc::Supervisor& supervisor,
                                                       const std::vector<std::string>& contestants,
                                                       const std::function<void(std::string_view)>& notice) {
  const auto processes = supervisor.get_all_process_info();
  if (!processes) return tl::unexpected(InfrastructureError(processes.error()));
  for (const auto& process : *processes) {
    const auto name = process.full_name();
    if (!rpc::is_up(process.state)) continue;
    if (std::find(contestants.begin(), contestants.end(), name) == contestants.end()) continue;
    const auto stopped = supervisor.stop_process(name, true);
    if (!stopped && !stopped.error().is(rpc::FaultCode::not_running))
      return tl::unexpected(InfrastructureError(stopped.error()));
    notice(fmt::format("{} was running and has been stopped", name));
  }
  return {};
}

}  // namespace wsbench::contestants
