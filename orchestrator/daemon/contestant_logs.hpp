#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include <tl/expected.hpp>

#include "orchestrator/control/state/host.hpp"
#include "rpc/endpoint.hpp"

// What contestants wrote to stdout and stderr. All calls take time.

namespace wsbench::daemon {

/// Where a job's contestants write to: the logs' folder of a supervisord of wsbench's own, which may have
/// ended, or the supervisord that runs them elsewhere.
using LogSource = std::variant<std::filesystem::path, rpc::Endpoint>;

/// The window of supervisor.readProcessStdoutLog.
tl::expected<std::string, control::state::Refusal> read_contestant_log(const LogSource& source,
                                                                       std::string_view contestant,
                                                                       control::state::LogChannel channel,
                                                                       std::int64_t offset,
                                                                       std::int64_t length);

/// That of supervisor.tailProcessStdoutLog.
tl::expected<control::state::LogWindow, control::state::Refusal> tail_contestant_log(
    const LogSource& source, std::string_view contestant, control::state::LogChannel channel,
    std::int64_t offset, std::int64_t length);

}  // namespace wsbench::daemon
