#pragma once

#include "orchestrator/config.hpp"

// Options that several subcommands have. Each is written into what it is given when the command line is
// parsed, so that must outlive the parser.

namespace CLI {
class App;
}

namespace wsbench::orchestrator {

struct ServerOptions;

/// --set KEY=VALUE, as often as wanted.
void add_overrides(CLI::App& command, Overrides& overrides,
                   const char* description =
                       "replace a key of the suite file, such as --set clients=50 or --set "
                       "thresholds.latency_p99_ms=20; null takes it out");

/// --transport, which is a key of the suite file as well.
void add_transport(CLI::App& command, Overrides& overrides);

/// --server URL, of a control server.
void add_server(CLI::App& command, ServerOptions& options);

}  // namespace wsbench::orchestrator
