#pragma once

#include <string>
#include <vector>

#include "orchestrator/config/key_info.hpp"
#include "orchestrator/config/suite_config.hpp"

// Options that several subcommands have. The parser writes each into its reference, which must outlive the
// parser.

namespace CLI {
class App;
}

namespace wsbench::commands {
struct ControlServerOptions;
}

namespace wsbench::command_line {

/// --set KEY=VALUE, as often as wanted.
void add_overrides(CLI::App& command, config::Overrides& overrides,
                   const char* description =
                       "replace a key of the suite file, such as --set clients=50 or --set "
                       "thresholds.latency_p99_ms=20; null takes it out");

/// --help-keys [schema]: prints what the keys of the command's file are, or their JSON Schema, instead of
/// anything else.
void add_help_keys(CLI::App& command, const std::vector<config::KeyInfo>& (*keys)(), std::string (*schema)());

/// --transport, which is a key of the suite file as well.
void add_transport(CLI::App& command, config::Overrides& overrides);

/// --server URL, of a control server.
void add_server(CLI::App& command, commands::ControlServerOptions& options);

}  // namespace wsbench::command_line
