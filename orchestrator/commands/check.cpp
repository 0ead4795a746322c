#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "orchestrator/calibration.hpp"
#include "orchestrator/commands.hpp"
#include "orchestrator/commands/supervisord_access.hpp"
#include "orchestrator/load_plan.hpp"
#include "orchestrator/port.hpp"
#include "orchestrator/preflight.hpp"
#include "orchestrator/quantities.hpp"

namespace wsbench::orchestrator {

namespace {

PreflightFinding check_port(const Config& config) {
  if (!somebody_listens(config.host, config.effective_port())) {
    return {PreflightFinding::Level::ok,
            fmt::format("{}:{} is free for the contestants", config.host, config.effective_port())};
  }
  return {PreflightFinding::Level::error,
          fmt::format("somebody listens on {}:{} already: end it, or choose another port", config.host,
                      config.effective_port())};
}

std::vector<PreflightFinding> check_supervisord(const Config& config, const SupervisordOptions& options,
                                                std::size_t& turns) {
  auto access = SupervisordAccess::open(options);
  if (!access) return {{PreflightFinding::Level::error, access.error()}};
  return check_contestants(access->supervisor(), config, turns);
}

}  // namespace

int check_command(const CheckOptions& options) {
  auto config = load_config(options.config, options.overrides);
  if (!config) {
    fmt::print(stderr, "{}\n", config.error().message);
    return kUsage;
  }
  if (options.local) config->host = "127.0.0.1";
  raise_file_limit();
  std::vector<PreflightFinding> findings{
      {PreflightFinding::Level::ok, fmt::format("{} can be read", options.config.string())}};
  std::size_t turns = 0;
  SupervisordOptions supervisord;
  supervisord.local = options.local;
  supervisord.endpoint = config->supervisord;
  for (auto& finding : check_supervisord(*config, supervisord, turns)) findings.push_back(std::move(finding));
  if ((!options.local || config->port) && resolves(config->host)) findings.push_back(check_port(*config));
  const auto plan = make_plan(*config, options.local ? place_on_one_machine() : place_client_alone());
  // Without an answer from supervisord, what the config names is all that is known.
  const auto expected_turns = turns > 0 ? turns : config->servers.size() * config->rounds;
  for (auto& finding : check_client_machine(*config, plan, expected_turns))
    findings.push_back(std::move(finding));

  const bool bad = has_errors(findings);
  fmt::print("{}", render(findings, ::isatty(STDOUT_FILENO) != 0));
  auto duration = planned_duration(plan) * static_cast<std::int64_t>(turns);
  if (config->calibrate) duration += planned_duration(calibration_plan(plan));
  fmt::print("{}\n",
             bad ? std::string("not ready: mend the errors above")
                 : fmt::format("ready: {} turn{}, {} of load, and about a second for each to start and "
                               "stop: {}",
                               turns, turns == 1 ? "" : "s", format_elapsed(duration), describe(plan)));
  return bad ? kInfrastructure : kSuccess;
}

}  // namespace wsbench::orchestrator
