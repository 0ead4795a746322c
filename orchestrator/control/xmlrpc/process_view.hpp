#pragma once

#include <cstddef>
#include <cstdint>

#include "orchestrator/control/state/status.hpp"
#include "rpc/error.hpp"
#include "rpc/supervisor_types.hpp"
#include "rpc/value.hpp"

// Contestants as the processes that supervisorctl knows.

namespace wsbench::control::xmlrpc {

/// docs/control.md has the table.
rpc::ProcessState process_state(results::TurnState state) noexcept;

/// No turn of it is to come, and none is being taken.
bool is_over(const state::ContestantStatus& contestant) noexcept;

/// Whole seconds since 1970; 0 stays 0.
std::int64_t whole_seconds(event::Time time) noexcept;

/// The struct of supervisor.getProcessInfo.
rpc::Struct process_info(const state::JobStatus& job, const state::ContestantStatus& contestant,
                         event::Time now);

/// One of the structs of supervisor.getAllConfigInfo. A suite's place among the jobs is its group's priority,
/// a contestant's place in it the process's. `autostart`: it is not over.
rpc::Struct config_info(const state::Status& status, std::size_t job, std::size_t contestant);

/// One of the structs of a group call: status is a FaultCode.
rpc::Struct process_status(const state::JobStatus& job, const state::ContestantStatus& contestant,
                           rpc::FaultCode code);

}  // namespace wsbench::control::xmlrpc
