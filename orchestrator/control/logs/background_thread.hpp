#pragma once

namespace wsbench::control::logs {

/// Gives the calling thread a name of at most 15 characters, and only the CPU time that nobody else wants
/// (SCHED_IDLE): answering questions must not disturb a measurement.
void give_way_to_all_others(const char* name) noexcept;

}  // namespace wsbench::control::logs
