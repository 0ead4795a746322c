#pragma once

#include <cstddef>
#include <vector>

#include "client/plan.hpp"
#include "orchestrator/config/suite_config.hpp"
#include "orchestrator/util/findings.hpp"
#include "rpc/supervisor.hpp"

// Everything that would fail at 3 a.m., found now.

namespace wsbench::suite {

/// The load machine: open files, ephemeral ports, source addresses, room on the disk of db_root for `turns`
/// turns.
std::vector<util::Finding> check_client_machine(const config::Config& config, const client::Plan& plan,
                                                std::size_t turns);

/// The contestants' machine, as far as supervisord and its monitor tell: its limits, the contestants that the
/// config names, which of them are installed. `turns` is set to the number of turns that those will
/// take.
std::vector<util::Finding> check_contestants(rpc::Supervisor& supervisor, const config::Config& config,
                                             std::size_t& turns);

}  // namespace wsbench::suite
