#pragma once

#include <stop_token>

#include "orchestrator/commands/export.hpp"
#include "orchestrator/commands/exporting.hpp"

// `wsbench export --to clickhouse://...`

namespace wsbench::commands {

/// The events of a run into options.to, a database's table.
exports::Result<void> export_to_database(const ExportOptions& options, const Chosen& chosen,
                                         const std::stop_token& stop);

}  // namespace wsbench::commands
