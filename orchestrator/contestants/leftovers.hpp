#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/contestants/contestant.hpp"
#include "rpc/supervisor.hpp"

namespace wsbench::contestants {

/// Stops those of these contestants that are up: what an interrupted suite, or somebody else, left running
/// would share the machine, and the port, with the first one. `notice` gets a line for each that was.
tl::expected<void, InfrastructureError> stop_leftovers(rpc::Supervisor& supervisor,
                                                       const std::vector<std::string>& contestants,
                                                       const std::function<void(std::string_view)>& notice);

}  // namespace wsbench::contestants
