#include "orchestrator/commands/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/commands/supervisord_access.hpp"
#include "orchestrator/machine/file_limit.hpp"
#include "orchestrator/machine/ports.hpp"
#include "orchestrator/suite/calibration.hpp"
#include "orchestrator/suite/load_plan.hpp"
#include "orchestrator/suite/preflight.hpp"
#include "orchestrator/util/quantities.hpp"

namespace wsbench::commands {

using util::Finding;

namespace {

Finding check_port(const config::Config& config) {
  if (!machine::somebody_listens(config.host, config.effective_port())) {
    return {Finding::Level::ok,
            fmt::format("{}:{} is free for the contestants", config.host, config.effective_port())};
  }
  return {Finding::Level::error,
          fmt::format("another program listens on {}:{}: end it, or choose another port", config.host,
                      config.effective_port())};
}

std::vector<Finding> check_supervisord(const config::Config& config, const SupervisordOptions& options,
                                       std::size_t& turns) {
  auto access = SupervisordAccess::open(options);
  if (!access) return {{Finding::Level::error, access.error()}};
  return suite::check_contestants(access->supervisor(), config, turns);
}

}  // namespace

int check_command(const CheckOptions& options) {
  auto config = config::read_suite_file(options.config, options.overrides);
  if (!config) return fail(config.error());
  if (options.local) config->host = "127.0.0.1";
  machine::raise_file_limit();
  std::vector<Finding> findings{{Finding::Level::ok, fmt::format("{} can be read", options.config.string())}};
  std::size_t turns = 0;
  SupervisordOptions supervisord;
  supervisord.local = options.local;
  supervisord.endpoint = config->supervisord;
  for (auto& finding : check_supervisord(*config, supervisord, turns)) findings.push_back(std::move(finding));
  if ((!options.local || config->port) && machine::resolves(config->host))
    findings.push_back(check_port(*config));
  const auto plan = suite::make_plan(
      *config, options.local ? machine::place_on_one_machine() : machine::place_client_alone());
  // If supervisord does not answer, only the contestants that the config names are known.
  const auto expected_turns = turns > 0 ? turns : config->servers.size() * config->rounds;
  for (auto& finding : suite::check_client_machine(*config, plan, expected_turns))
    findings.push_back(std::move(finding));

  const bool bad = has_errors(findings);
  fmt::print("{}", render(findings, is_on_terminal()));
  auto duration = suite::planned_duration(plan) * static_cast<std::int64_t>(turns);
  if (config->calibrate) duration += suite::planned_duration(suite::calibration_plan(plan));
  fmt::print(
      "{}\n",
      bad ? std::string("not ready: correct the errors above")
          : fmt::format("ready: {} turn{}, {} of load, and about a second for each to start and "
                        "stop: {}",
                        turns, turns == 1 ? "" : "s", util::format_elapsed(duration), suite::describe(plan)));
  return bad ? kInfrastructure : kSuccess;
}

}  // namespace wsbench::commands
