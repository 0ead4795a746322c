#pragma once

#include <filesystem>
#include <vector>

#include "orchestrator/control/status.hpp"
#include "orchestrator/daemon/queue.hpp"

namespace wsbench::daemon {

/// A job as its run in db_root tells it, or its config. Reads from disk.
control::JobStatus read_status(const Job& job, const std::filesystem::path& db_root);

/// The queue as it is shown: running, queued, then ended jobs, the latest first. What `known` tells of their
/// contestants stays.
std::vector<control::JobStatus> merge(const std::vector<Job>& jobs, std::vector<control::JobStatus> known);

}  // namespace wsbench::daemon
