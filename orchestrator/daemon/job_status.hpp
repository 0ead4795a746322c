#pragma once

#include <filesystem>
#include <vector>

#include "orchestrator/control/state/status.hpp"
#include "orchestrator/daemon/queue.hpp"

namespace wsbench::daemon {

/// A job as its run in db_root tells it, or its config. Reads from disk.
control::state::JobStatus read_status(const Job& job, const std::filesystem::path& db_root);

/// The queue as it is shown: running, queued, then ended jobs, the latest first. What `known` tells of their
/// contestants stays.
std::vector<control::state::JobStatus> merge(const std::vector<Job>& jobs,
                                             std::vector<control::state::JobStatus> known);

}  // namespace wsbench::daemon
