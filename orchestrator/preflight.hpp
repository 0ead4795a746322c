#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/plan.hpp"
#include "orchestrator/config.hpp"
#include "rpc/supervisor.hpp"

// Everything that would fail at 3 a.m., found now.

namespace wsbench::orchestrator {

struct PreflightFinding {
  enum class Level { ok, warning, error };
  Level level = Level::ok;
  std::string text;  ///< what was looked at and found; for errors also what to do
};

/// Raises this process's soft limit of open files to its hard limit.
void raise_file_limit();

/// The load machine: open files, ephemeral ports, source addresses, room on the disk of db_root for `turns`
/// turns.
std::vector<PreflightFinding> check_client_machine(const Config& config, const client::Plan& plan,
                                                   std::size_t turns);

/// The contestants' machine, as far as supervisord and its monitor tell: its limits, the contestants that the
/// config names, which of them are installed. `turns` is set to the number of turns that those will
/// take.
std::vector<PreflightFinding> check_contestants(rpc::Supervisor& supervisor, const Config& config,
                                                std::size_t& turns);

bool has_errors(const std::vector<PreflightFinding>& findings) noexcept;

/// The errors among them, in one line.
std::string errors_of(const std::vector<PreflightFinding>& findings);

/// "ok       5,064 open files needed, 20,000 allowed", a line each.
std::string render(const std::vector<PreflightFinding>& findings, bool colour);

}  // namespace wsbench::orchestrator
