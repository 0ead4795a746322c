#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/contestants/contestant.hpp"
#include "rpc/supervisor.hpp"

namespace wsbench::contestants {

/// Stops those of the contestants that are up: one that an interrupted suite left running would share machine
/// and port with the first to be measured. `notice` gets a line for each.
tl::expected<void, InfrastructureError> stop_leftovers(rpc::Supervisor& supervisor,
                                                       const std::vector<std::string>& contestants,
                                                       const std::function<void(std::string_view)>& notice);

}  // namespace wsbench::contestants
