#include "orchestrator/commands/test.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "client/probe/probe.hpp"
#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/config/suite_keys.hpp"
#include "orchestrator/machine/description.hpp"
#include "orchestrator/machine/file_limit.hpp"
#include "orchestrator/machine/ports.hpp"
#include "orchestrator/report/terminal_progress.hpp"
#include "orchestrator/results/gates.hpp"
#include "orchestrator/results/results_file.hpp"
#include "orchestrator/suite/load_plan.hpp"
#include "orchestrator/suite/measured_load.hpp"
#include "orchestrator/suite/preflight.hpp"
#include "orchestrator/util/version.hpp"

namespace wsbench::commands {

using results::TurnState;

using nlohmann::json;

namespace {

/// Suite keys that are arguments of this command.
constexpr std::array kArguments{std::pair("db_root", "DB_PATH"), std::pair("seconds", "SECONDS"),
                                std::pair("host", "HOST"), std::pair("port", "PORT"),
                                std::pair("clients", "CLIENTS")};

/// Why a key cannot be overridden; empty when it can.
std::string objection(const std::string& key) {
  for (const auto& [argument_key, argument] : kArguments)
    if (key == argument_key) return fmt::format("--set {}: give it as the argument {}", key, argument);
  const auto name = key.substr(0, key.find('.'));
  for (const config::KeyInfo& known : config::suite_keys())
    if (known.name == name && !known.is_in_test)
      return fmt::format(
          "--set {}: does not apply to `wsbench test`, which loads one server once; see `wsbench run`", key);
  return "";
}

/// The arguments and --set as a suite config.
tl::expected<config::Config, std::string> config_of(const TestOptions& o) {
  for (const auto& [key, value] : o.overrides)
    if (auto why = objection(key); !why.empty()) return tl::unexpected(std::move(why));
  const json document{{"host", o.host},       {"port", o.port},       {"db_root", o.database.string()},
                      {"clients", o.clients}, {"seconds", o.seconds}, {"calibrate", false}};
  auto config = config::parse_config(document.dump(), "test", o.overrides);
  if (config) return std::move(*config);
  // A finding about our own text is about an argument: name that instead.
  std::string message = config.error().message;
  for (const auto& [key, argument] : kArguments) {
    const auto place = fmt::format("test:1: /{}", key);
    if (const auto at = message.find(place); at != std::string::npos)
      message.replace(at, place.size(), argument);
  }
  return tl::unexpected(std::move(message));
}

results::Manifest manifest_of(const config::Config& config, const client::Plan& plan,
                              const std::string& server) {
  results::Manifest manifest;
  manifest.suite = "test";
  manifest.created = event::Clock::now();
  manifest.config = to_json(config);
  manifest.wsbench_version = util::kVersion;
  manifest.client_machine = machine::describe_this_machine();
  manifest.same_machine = machine::is_this_machine(config.host);
  manifest.pinning = "nothing is pinned";
  manifest.load = suite::describe(plan);
  manifest.contestants = json::object({{server, nullptr}});
  manifest.turns = {{0, server}};
  return manifest;
}

/// Loads the server and saves the result. The error is that of the disk.
tl::expected<results::RoundResult, std::string> measure(store::Run& run, const client::Plan& plan,
                                                        const results::Turn& turn,
                                                        const std::stop_token& stop) {
  const auto progress = report::make_progress(stderr);
  suite::TurnView view{
      0, 1, turn, TurnState::warm_up, plan, {}, suite::planned_duration(plan), suite::planned_duration(plan)};
  const auto began = std::chrono::steady_clock::now();
  suite::LoadWatch watch;
  watch.on_phase = [&](event::Phase phase) -> tl::expected<void, contestants::TurnError> {
    if (phase == event::Phase::measuring) view.state = TurnState::measuring;
    return {};
  };
  watch.on_progress = [&](const client::Snapshot& snapshot) {
    view.elapsed = std::chrono::steady_clock::now() - began;
    view.turn_left = view.suite_left =
        std::max(suite::planned_duration(plan) - view.elapsed, results::Nanoseconds{0});
    progress->progressed(view, snapshot);
  };
  progress->entered(view);
  const auto load = run_load({run, plan, turn.contestant, nullptr, stop}, watch);
  if (!load) return tl::unexpected(message_of(load.error()));

  results::RoundResult result;
  result.contestant = turn.contestant;
  result.requested = plan.clients;
  result.began = load->summary.began;
  if (const auto taken = fold_load_into(result, plan, *load, run); !taken) {
    return tl::unexpected(message_of(taken.error()));
  }
  if (load->ended_by) {
    result.state = TurnState::cancelled;
  } else {
    result.failure = suite::failure_under_load(result);
    result.state = result.failure ? TurnState::failed : TurnState::completed;
    if (!result.failure) result.gates = check_gates(result, plan);
  }
  if (const auto saved = save_result(run, result); !saved) return tl::unexpected(saved.error().message);
  progress->ended(view, result);
  return result;
}

}  // namespace

int test_command(const TestOptions& options, const std::stop_token& stop) {
  const auto config = config_of(options);
  if (!config) return fail(kUsage, config.error());
  machine::raise_file_limit();
  const auto plan = suite::make_plan(*config, machine::place_client_alone());
  if (const auto findings = suite::check_client_machine(*config, plan, 1); has_errors(findings))
    return fail(kInfrastructure, "the load cannot run: " + errors_of(findings));
  const results::Turn turn{0, fmt::format("{}:{}", options.host, options.port)};
  const auto answer = client::probe_echo(plan.target, plan.connect_timeout, client::kEchoLimit, stop);
  if (stop.stop_requested()) return kInterrupted;
  if (!answer)
    return fail(kContestantFailed,
                fmt::format("{} does not serve: {}", turn.contestant, answer.error().detail));

  auto run = store::Run::create(options.database);
  if (!run && run.error().kind == store::Error::Kind::exists)
    return fail(kUsage, run.error().message + " Name a directory that is not there yet.");
  if (!run) return fail(kInfrastructure, run.error().message);
  auto prepared = save_manifest(**run, manifest_of(*config, plan, turn.contestant));
  if (prepared) prepared = (*run)->add_contestant(turn.contestant);
  if (!prepared) return fail(kInfrastructure, prepared.error().message);

  const auto result = measure(**run, plan, turn, stop);
  if (!result) return fail(kInfrastructure, result.error());
  if (const auto written = results::write_results_file(**run); !written)
    return fail(kInfrastructure, written.error().message);
  const auto suite = results::read_suite_result(**run);
  if (!suite) return fail(kInfrastructure, suite.error().message);
  if (!options.json) fmt::print("\n");
  print_results(*suite, options.json);
  if (!options.json) fmt::print("\nThe run: {}\n", options.database.string());
  if (result->state == TurnState::cancelled) return kInterrupted;
  return conclude(*suite, *config);
}

}  // namespace wsbench::commands
