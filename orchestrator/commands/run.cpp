#include <unistd.h>

#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands.hpp"
#include "orchestrator/local_supervisord.hpp"
#include "orchestrator/log_observer.hpp"
#include "orchestrator/port.hpp"
#include "orchestrator/preflight.hpp"
#include "orchestrator/progress.hpp"
#include "orchestrator/report_text.hpp"
#include "orchestrator/results_file.hpp"
#include "orchestrator/run_directory.hpp"
#include "orchestrator/suite.hpp"
#include "orchestrator/version.hpp"

namespace wsbench::orchestrator {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

int fail(ExitCode code, std::string_view message) {
  fmt::print(stderr, "wsbench: {}\n", message);
  return code;
}

/// What may change from a run to its resumption: it shapes no measurement.
bool shapes_nothing(std::string_view key) {
  return key == "db_root" || key == "log_file" || key == "supervisord" || key == "thresholds" ||
         key == "accept_invalid";
}

/// The keys in which two configs would measure something else.
std::vector<std::string> differences(const json& one, const json& other) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : one.items()) {
    if (!shapes_nothing(key) && (!other.contains(key) || other.at(key) != value)) keys.push_back(key);
  }
  for (const auto& [key, value] : other.items()) {
    if (!shapes_nothing(key) && !one.contains(key)) keys.push_back(key);
  }
  return keys;
}

/// `wsbench run`, step by step; each step hands on through the members.
class RunCommand {
 public:
  RunCommand(const RunOptions& options, const std::stop_token& stop) : options_(options), stop_(stop) {}

  int run() {
    auto config = load_config(options_.config, options_.overrides);
    if (!config) {
      fmt::print(stderr, "{}\n", config.error().message);
      return kUsage;
    }
    config_ = std::move(*config);
    declared_ = to_json(config_);
    raise_file_limit();
    const auto findings = check_client_machine(config_, make_plan(config_, place_client_alone()),
                                               config_.servers.size() * config_.rounds);
    if (has_errors(findings)) {
      fmt::print(stderr, "{}", render(findings, false));
      return fail(kInfrastructure, "this machine cannot carry that load");
    }
    if (const int code = open_run(); code != kSuccess) return code;
    if (const int code = reach_supervisord(); code != kSuccess) return code;
    return measure();
  }

 private:
  int open_run() {
    if (options_.resume) {
      const auto found = unfinished_run(config_.db_root, config_.name);
      if (!found) return fail(kInfrastructure, found.error());
      if (!found->empty()) return reopen(*found);
      fmt::print(stderr, "no unfinished run of {} in {}: beginning a new one\n", config_.name,
                 config_.db_root.string());
    }
    // A supervisord that is not there must not leave an empty run behind.
    if (!options_.local) {
      if (const int code = ask(config_.supervisord); code != kSuccess) return code;
    }
    auto created = store::Run::create(new_run_directory(config_.db_root, config_.name));
    if (!created) return fail(kInfrastructure, created.error().message);
    run_ = std::move(*created);
    return kSuccess;
  }

  int reopen(const fs::path& directory) {
    auto opened = store::Run::open(directory, store::Run::Access::read_write);
    if (!opened) return fail(kInfrastructure, opened.error().message);
    run_ = std::move(*opened);
    auto manifest = load_manifest(*run_);
    if (!manifest) return fail(kInfrastructure, manifest.error().message);
    if (const auto changed = differences(declared_, manifest->config); !changed.empty()) {
      return fail(
          kUsage,
          fmt::format("{} was begun with another config ({} differ): resume it with that one, or run without "
                      "--resume",
                      directory.string(), fmt::join(changed, ", ")));
    }
    manifest_ = std::move(*manifest);
    fmt::print(stderr, "resuming {}\n", directory.string());
    return kSuccess;
  }

  int ask(const rpc::Endpoint& endpoint) {
    rpc::Supervisor supervisor(rpc::make_http_transport(endpoint));
    const auto state = supervisor.get_state();
    if (state && *state == rpc::SupervisorState::running) return kSuccess;
    if (state)
      return fail(kInfrastructure,
                  fmt::format("supervisord at {} is not running its programs", endpoint.display()));
    return fail(kInfrastructure, fmt::format("{}; start one with competition/serve, or run with --local",
                                             state.error().message));
  }

  int reach_supervisord() {
    if (!options_.local) {
      if (manifest_) {
        if (const int code = ask(config_.supervisord); code != kSuccess) return code;
      }
      placement_ = place_client_alone();
      supervisor_.emplace(rpc::make_http_transport(config_.supervisord));
      return kSuccess;
    }
    config_.host = "127.0.0.1";
    if (!config_.port) {
      const auto port = free_port();
      if (!port) return fail(kInfrastructure, port.error());
      config_.port = *port;
    }
    placement_ = place_on_one_machine();
    const auto competition = find_competition();
    if (!competition) return fail(kInfrastructure, competition.error());
    auto local = LocalSupervisord::start(
        {*competition, run_->directory() / "supervisord", config_.effective_port(), placement_.contestants});
    if (!local) return fail(kInfrastructure, local.error());
    local_.emplace(std::move(*local));
    pin_this_process(placement_);
    config_.supervisord = local_->endpoint();
    supervisor_.emplace(rpc::make_http_transport(config_.supervisord));
    return kSuccess;
  }

  int measure() {
    auto progress = make_progress(stderr);
    std::unique_ptr<Observer> logged;
    if (config_.log_file) {
      auto log = make_log_observer(*config_.log_file, *progress);
      if (!log) return fail(kInfrastructure, log.error());
      logged = std::move(*log);
    }
    const SuiteTask task{config_, *run_,      *supervisor_, logged ? *logged : *progress,
                         stop_,   placement_, declared_,    config_.supervisord.display(),
                         kVersion};
    if (!manifest_) {
      auto manifest = prepare_run(task);
      if (!manifest) return fail(kInfrastructure, manifest.error().message);
      manifest_ = std::move(*manifest);
      if (auto saved = save_manifest(*run_, *manifest_); !saved)
        return fail(kInfrastructure, saved.error().message);
    }
    const auto end = run_suite(task, *manifest_);
    logged.reset();
    progress.reset();
    // Contestants and supervisord are ended before the report: nothing is left to wait for then.
    supervisor_.reset();
    local_.reset();
    if (!end) {
      fail(kInfrastructure, end.error().message);
      fmt::print(stderr, "what was measured is in {}; {} goes on\n", run_->directory().string(), resuming());
      return kInfrastructure;
    }
    return conclude(*end);
  }

  std::string resuming() const {
    return fmt::format("`wsbench run {} {}--resume`", options_.config.string(),
                       options_.local ? "--local " : "");
  }

  int conclude(SuiteEnd end) {
    const auto suite = load_suite_result(*run_);
    if (!suite) return fail(kInfrastructure, suite.error().message);
    if (options_.json) {
      fmt::print("{}\n", results_json(*suite).dump(2, ' ', false, json::error_handler_t::replace));
    } else {
      fmt::print("\n{}", render_report(*suite, ::isatty(STDOUT_FILENO) != 0));
      fmt::print("\nThe run: {} (results.json in it; `wsbench stats` and `wsbench events` write CSV)\n",
                 run_->directory().string());
    }
    if (end == SuiteEnd::interrupted) {
      fmt::print(stderr, "interrupted: {} goes on\n", resuming());
      return kInterrupted;
    }
    const auto found = shortcomings(*suite, config_);
    for (const auto& line : found) fmt::print(stderr, "not met: {}\n", line);
    return found.empty() ? kSuccess : kContestantFailed;
  }

  const RunOptions& options_;
  std::stop_token stop_;
  Config config_;
  json declared_;
  std::unique_ptr<store::Run> run_;
  std::optional<Manifest> manifest_;
  Placement placement_;
  std::optional<LocalSupervisord> local_;
  std::optional<rpc::Supervisor> supervisor_;
};

}  // namespace

int run_command(const RunOptions& options, const std::stop_token& stop) {
  return RunCommand(options, stop).run();
}

}  // namespace wsbench::orchestrator
