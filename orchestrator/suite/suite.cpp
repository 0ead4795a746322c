#include "orchestrator/suite/suite.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/contestants/leftovers.hpp"
#include "orchestrator/contestants/monitor.hpp"
#include "orchestrator/machine/description.hpp"
#include "orchestrator/machine/ports.hpp"
#include "orchestrator/results/results_file.hpp"
#include "orchestrator/suite/calibration.hpp"
#include "orchestrator/suite/turn_runner.hpp"

namespace wsbench::suite {

using contestants::InfrastructureError;
using results::Manifest;
using results::SuiteMark;
using results::TurnState;

using nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

namespace {

tl::expected<std::vector<std::string>, InfrastructureError> contestants_of(const SuiteTask& task) {
  if (!task.config.servers.empty()) return task.config.servers;
  const auto processes = task.supervisor.get_all_process_info();
  if (!processes) return tl::unexpected(InfrastructureError(processes.error()));
  std::vector<std::string> names;
  for (const auto& process : *processes) names.push_back(process.full_name());
  return names;
}

Installed installed_of(const Manifest& manifest, const std::string& contestant) {
  const auto info = manifest.contestants.value(contestant, json());
  // Of a program without a manifest nothing is known: it is simply tried.
  if (!info.is_object() || !info.value("manifest", false)) return {};
  Installed installed;
  installed.known = true;
  installed.installed = info.value("installed", true);
  if (info.contains("packages") && info["packages"].is_array()) {
    installed.packages = fmt::format("{}", fmt::join(info["packages"].get<std::vector<std::string>>(), " "));
  }
  return installed;
}

/// Taking the turns, with the means of estimating what is left.
class SuiteRun {
 public:
  SuiteRun(const SuiteTask& task, const Manifest& manifest)
      : task_(task), manifest_(manifest), plan_(make_plan(task.config, task.placement)) {}

  tl::expected<SuiteEnd, InfrastructureError> run() {
    const auto finished = results::finished_turns(task_.run);
    if (!finished) return tl::unexpected(InfrastructureError(finished.error()));
    if (auto begun = begin(!finished->empty()); !begun) return tl::unexpected(begun.error());
    if (auto calibrated = calibrate(); !calibrated) return tl::unexpected(calibrated.error());
    for (std::size_t i = 0; i < manifest_.turns.size(); ++i) {
      const auto& turn = manifest_.turns[i];
      if (std::find(finished->begin(), finished->end(), turn) != finished->end()) continue;
      if (task_.control.stop_requested()) break;
      auto taken = take(i);
      // Skipped, and taken in again before its end: its turn is taken once more.
      while (taken && *taken == TurnState::cancelled && !task_.control.stop_requested()) taken = take(i);
      if (!taken) return tl::unexpected(taken.error());
    }
    return end();
  }

 private:
  tl::expected<void, InfrastructureError> begin(bool again) {
    auto marked = journal_suite(task_.run, again ? SuiteMark::resumed : SuiteMark::began);
    if (!marked) return tl::unexpected(InfrastructureError(marked.error()));
    context_.monitored = task_.config.monitor && !contestants::monitor_version(task_.supervisor).empty();
    if (task_.config.monitor && !context_.monitored) {
      task_.observer.notice(
          "supervisord has no wsbench monitor: memory, CPU and installed packages stay unknown");
    }
    const auto so_far = results::read_suite_result(task_.run);
    if (!so_far) return tl::unexpected(InfrastructureError(so_far.error()));
    task_.observer.began(manifest_, *so_far);
    std::vector<std::string> contestants;
    for (const auto& [name, info] : manifest_.contestants.items()) contestants.push_back(name);
    return contestants::stop_leftovers(task_.supervisor, contestants,
                                       [this](std::string_view line) { task_.observer.notice(line); });
  }

  tl::expected<void, InfrastructureError> calibrate() {
    if (!task_.config.calibrate || task_.control.stop_requested()) return {};
    const auto existing = results::read_suite_result(task_.run);
    if (!existing) return tl::unexpected(InfrastructureError(existing.error()));
    if (existing->floor) return {};
    task_.observer.notice("calibrating: the same load against the null echo server");
    auto calibrated = run_calibration({task_.run, plan_, task_.placement, task_.control.stop()});
    if (!calibrated) return tl::unexpected(calibrated.error());
    if (*calibrated && !(*calibrated)->valid()) {
      task_.observer.notice(fmt::format("the calibration against the null echo server is not valid: {}",
                                        fmt::join((*calibrated)->missed_gates(), "; ")));
    }
    return {};
  }

  tl::expected<TurnState, InfrastructureError> take(std::size_t index) {
    const auto& turn = manifest_.turns[index];
    context_.stop = task_.control.begin_turn(turn.contestant);
    const TurnView position{index, manifest_.turns.size(), turn, TurnState::pending, plan_, {}, {}, {}};
    const auto began = SteadyClock::now();
    auto result = run_turn(context_, position, installed_of(manifest_, turn.contestant));
    if (!result) {
      (void)journal_suite(task_.run, SuiteMark::broken, result.error().message);
      return tl::unexpected(result.error());
    }
    if (result->state == TurnState::completed) {
      beyond_plan_ += SteadyClock::now() - began - planned_duration(plan_);
      context_.overhead = beyond_plan_ / ++completed_;
    }
    if (auto written = results::write_results_file(task_.run); !written)
      return tl::unexpected(InfrastructureError(written.error()));
    return result->state;
  }

  tl::expected<SuiteEnd, InfrastructureError> end() {
    // A suite that was killed after its last turn has not written it.
    if (auto written = results::write_results_file(task_.run); !written)
      return tl::unexpected(InfrastructureError(written.error()));
    const bool interrupted = task_.control.stop_requested();
    auto marked = journal_suite(task_.run, interrupted ? SuiteMark::interrupted : SuiteMark::ended);
    if (!marked) return tl::unexpected(InfrastructureError(marked.error()));
    return interrupted ? SuiteEnd::interrupted : SuiteEnd::complete;
  }

  const SuiteTask& task_;
  const Manifest& manifest_;
  const client::Plan plan_;
  results::Nanoseconds beyond_plan_{0};
  int completed_ = 0;
  SuiteContext context_{task_.config,  plan_, task_.run, task_.supervisor,       task_.observer,
                        task_.control, {},    false,     std::chrono::seconds{1}};
};

}  // namespace

std::vector<results::Turn> make_turns(const config::Config& config,
                                      const std::vector<std::string>& contestants) {
  std::vector<results::Turn> turns;
  std::mt19937_64 random(config.seed);
  for (std::uint16_t round = 0; round < config.rounds; ++round) {
    auto order = contestants;
    if (config.order == config::Order::shuffled) std::shuffle(order.begin(), order.end(), random);
    for (auto& name : order) turns.push_back({round, std::move(name)});
  }
  return turns;
}

tl::expected<Manifest, InfrastructureError> prepare_run(const SuiteTask& task) {
  const auto version = task.supervisor.get_supervisor_version();
  if (!version) return tl::unexpected(InfrastructureError(version.error()));
  auto contestants = contestants_of(task);
  if (!contestants) return tl::unexpected(contestants.error());

  Manifest manifest;
  manifest.suite = task.config.name;
  manifest.created = event::Clock::now();
  manifest.config = task.declared_config;
  manifest.wsbench_version = task.wsbench_version;
  manifest.client_machine = machine::describe_this_machine();
  manifest.server_machine = contestants::machine_info(task.supervisor);
  manifest.same_machine = machine::is_same_machine(manifest.client_machine, manifest.server_machine) ||
                          machine::is_this_machine(task.config.host);
  manifest.supervisord = fmt::format("supervisord {} at {}", *version, task.supervisord_display);
  manifest.load = describe(make_plan(task.config, task.placement));
  manifest.pinning = manifest.same_machine && task.placement.contestants.empty()
                         ? "nothing is pinned: supervisord is not wsbench's own (--local pins both sides)"
                         : task.placement.description;
  manifest.contestants = json::object();
  std::vector<std::string> chosen;
  for (const auto& name : *contestants) {
    auto info = contestants::contestant_info(task.supervisor, name);
    // Without `servers` the suite is of all that can be run: what is not installed was not asked for.
    const bool asked_for = !task.config.servers.empty();
    if (!asked_for && info.is_object() && !info.value("installed", true)) continue;
    manifest.contestants[name] = std::move(info);
    chosen.push_back(name);
  }
  manifest.turns = make_turns(task.config, chosen);
  if (manifest.turns.empty()) {
    return tl::unexpected(InfrastructureError{fmt::format(
        "{} lists no contestant that is installed; see `wsbench servers`", manifest.supervisord)});
  }
  return manifest;
}

tl::expected<SuiteEnd, InfrastructureError> run_suite(const SuiteTask& task, const Manifest& manifest) {
  return SuiteRun(task, manifest).run();
}

}  // namespace wsbench::suite
