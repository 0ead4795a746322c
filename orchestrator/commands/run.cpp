#include <unistd.h>

#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands.hpp"
#include "orchestrator/log_observer.hpp"
#include "orchestrator/progress.hpp"
#include "orchestrator/report_text.hpp"
#include "orchestrator/results_file.hpp"
#include "orchestrator/run_directory.hpp"
#include "orchestrator/suite_session.hpp"

namespace wsbench::orchestrator {

namespace {

int fail(ExitCode code, std::string_view message) {
  fmt::print(stderr, "wsbench: {}\n", message);
  return code;
}

int fail(const SessionError& error) {
  return fail(error.kind == SessionError::Kind::config ? kUsage : kInfrastructure, error.message);
}

std::string resuming(const RunOptions& options) {
  return fmt::format("`wsbench run {} {}--resume`", options.config.string(), options.local ? "--local " : "");
}

/// The run to go on with, as --resume wants it; empty: a new one.
tl::expected<std::filesystem::path, std::string> run_to_resume(const Config& config) {
  auto found = unfinished_run(config.db_root, config.name);
  if (!found) return found;
  if (found->empty()) {
    fmt::print(stderr, "no unfinished run of {} in {}: beginning a new one\n", config.name,
               config.db_root.string());
  } else {
    fmt::print(stderr, "resuming {}\n", found->string());
  }
  return found;
}

int conclude(const RunOptions& options, const SuiteSession& session, SuiteEnd end) {
  const auto suite = load_suite_result(session.run());
  if (!suite) return fail(kInfrastructure, suite.error().message);
  if (options.json) {
    fmt::print("{}\n", results_json(*suite).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("\n{}", render_report(*suite, ::isatty(STDOUT_FILENO) != 0));
    fmt::print("\nThe run: {} (results.json in it; `wsbench stats` and `wsbench events` write CSV)\n",
               session.run().directory().string());
  }
  if (end == SuiteEnd::interrupted) {
    fmt::print(stderr, "interrupted: {} goes on\n", resuming(options));
    return kInterrupted;
  }
  const auto found = shortcomings(*suite, session.config());
  for (const auto& line : found) fmt::print(stderr, "not met: {}\n", line);
  return found.empty() ? kSuccess : kContestantFailed;
}

}  // namespace

int run_command(const RunOptions& options, const std::stop_token& stop) {
  auto config = load_config(options.config, options.overrides);
  if (!config) {
    fmt::print(stderr, "{}\n", config.error().message);
    return kUsage;
  }
  SessionOptions how{options.local, {}};
  if (options.resume) {
    auto found = run_to_resume(*config);
    if (!found) return fail(kInfrastructure, found.error());
    how.resume = std::move(*found);
  }
  SuiteSession session(std::move(*config), std::move(how));
  if (auto opened = session.open(); !opened) return fail(opened.error());

  auto progress = make_progress(stderr);
  std::unique_ptr<Observer> logged;
  if (session.config().log_file) {
    auto log = make_log_observer(*session.config().log_file, *progress);
    if (!log) return fail(kInfrastructure, log.error());
    logged = std::move(*log);
  }
  SuiteControl control(stop);
  const auto end = session.measure(logged ? *logged : *progress, control);
  logged.reset();
  progress.reset();
  if (!end) {
    fmt::print(stderr, "what was measured is in {}; {} goes on\n", session.run().directory().string(),
               resuming(options));
    return fail(end.error());
  }
  return conclude(options, session, *end);
}

}  // namespace wsbench::orchestrator
