#include "orchestrator/commands/run.hpp"

#include <cassert>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/control/control_server.hpp"
#include "orchestrator/control/web/listen_address.hpp"
#include "orchestrator/daemon/foreground.hpp"
#include "orchestrator/report/log_observer.hpp"
#include "orchestrator/report/terminal_progress.hpp"
#include "orchestrator/results/results_file.hpp"
#include "orchestrator/results/run_directory.hpp"
#include "orchestrator/suite/observer_chain.hpp"
#include "orchestrator/suite/suite_session.hpp"

namespace wsbench::commands {

using suite::SessionError;
using suite::SuiteEnd;
using suite::SuiteSession;

namespace {

int fail(const SessionError& error) {
  return fail(error.kind == SessionError::Kind::config ? kUsage : kInfrastructure, error.message);
}

std::string resuming(const RunOptions& options) {
  std::string overrides;
  for (const auto& [key, value] : options.overrides) overrides += fmt::format("--set '{}={}' ", key, value);
  return fmt::format("`wsbench run {} {}{}--resume`", options.config.string(), overrides,
                     options.local ? "--local " : "");
}

/// Checks --listen before anything is measured.
tl::expected<void, std::string> check_listen(const std::string& where) {
  if (where.empty()) return {};
  const auto address = control::web::parse_listen(where);
  if (!address) return tl::unexpected("--listen: " + address.error());
  if (!control::web::is_loopback(address->address)) {
    return tl::unexpected(
        fmt::format("--listen: {} is not loopback; `wsbench daemon` listens elsewhere, with a login", where));
  }
  return {};
}

/// The run that --resume continues; empty when there is none, and a new one begins.
tl::expected<std::filesystem::path, std::string> run_to_resume(const config::Config& config) {
  auto found = results::unfinished_run(config.db_root, config.name);
  if (!found) return found;
  if (found->empty()) {
    fmt::print(stderr, "no unfinished run of {} in {}: starting a new one\n", config.name,
               config.db_root.string());
  } else {
    fmt::print(stderr, "resuming {}\n", found->string());
  }
  return found;
}

int print_end(const RunOptions& options, const SuiteSession& session, SuiteEnd end) {
  const auto suite = results::read_suite_result(session.run());
  if (!suite) return fail(kInfrastructure, suite.error().message);
  if (!options.json) fmt::print("\n");
  print_results(*suite, options.json);
  if (!options.json) {
    fmt::print("\nThe run: {} (results.json in it; `wsbench export` writes CSV)\n",
               session.run().directory().string());
  }
  if (end == SuiteEnd::interrupted) {
    fmt::print(stderr, "interrupted: {} continues it\n", resuming(options));
    return kInterrupted;
  }
  return conclude(*suite, session.config());
}

/// The control server of one suite in the foreground.
class Listening {
 public:
  static tl::expected<std::unique_ptr<Listening>, std::string> start(const std::string& where,
                                                                     daemon::Foreground::Task task) {
    const auto address = control::web::parse_listen(where);
    assert(address);  // check_listen()
    auto log = daemon::Log::in_memory();
    std::unique_ptr<Listening> listening(new Listening(std::move(log), std::move(task)));
    auto server = control::ControlServer::start({{address->address, "", "", {}}, address->port},
                                                listening->host_, listening->host_.board());
    if (!server) return tl::unexpected("--listen: " + server.error());
    listening->server_ = std::move(*server);
    fmt::print(stderr, "listening at {}\n", listening->server_->url());
    return listening;
  }

  void tell_by(suite::ObserverChain& observers) {
    observers.add(*logged_);
    observers.add(host_.observer());
  }

 private:
  Listening(std::unique_ptr<daemon::Log> log, daemon::Foreground::Task task)
      : log_(std::move(log)),
        host_(std::move(task), *log_),
        logged_(report::make_log_observer(
            [this](report::Severity severity, std::string_view line) { log_->write(severity, line); })) {}

  std::unique_ptr<daemon::Log> log_;
  daemon::Foreground host_;
  std::unique_ptr<suite::Observer> logged_;
  std::unique_ptr<control::ControlServer> server_;
};

/// Takes the turns, and reports them to the terminal, to log_file and to the control server.
tl::expected<SuiteEnd, SessionError> watch_and_measure(const RunOptions& options, SuiteSession& session,
                                                       const std::stop_token& stop) {
  const auto failed = [](const std::string& why) {
    return tl::unexpected(SessionError{SessionError::Kind::infrastructure, why});
  };
  std::stop_source ends;
  const std::stop_callback interrupted(stop, [&ends] { ends.request_stop(); });
  suite::SuiteControl control(ends.get_token());
  suite::ObserverChain observers;
  auto progress = report::make_progress(stderr);
  observers.add(*progress);
  std::unique_ptr<suite::Observer> logged;
  if (session.config().log_file) {
    auto log = report::make_log_observer(*session.config().log_file);
    if (!log) return failed(log.error());
    logged = std::move(*log);
    observers.add(*logged);
  }
  std::unique_ptr<Listening> listening;
  if (!options.listen.empty()) {
    auto started = Listening::start(options.listen, {session, control, ends, options.local});
    if (!started) return failed(started.error());
    listening = std::move(*started);
    listening->tell_by(observers);
  }
  return session.measure(observers, control);
}

}  // namespace

int run_command(const RunOptions& options, const std::stop_token& stop) {
  if (const auto listen = check_listen(options.listen); !listen) return fail(kUsage, listen.error());
  auto config = config::read_suite_file(options.config, options.overrides);
  if (!config) return fail(config.error());
  suite::SessionOptions session_options{.local = options.local, .resume = {}};
  if (options.resume) {
    auto found = run_to_resume(*config);
    if (!found) return fail(kInfrastructure, found.error());
    session_options.resume = std::move(*found);
  }
  SuiteSession session(std::move(*config), std::move(session_options));
  if (auto opened = session.open(); !opened) return fail(opened.error());

  const auto end = watch_and_measure(options, session, stop);
  if (!end) {
    if (session.was_begun())
      fmt::print(stderr, "what was measured is in {}; {} continues it\n", session.run().directory().string(),
                 resuming(options));
    else
      session.discard_unbegun_run();
    return fail(end.error());
  }
  return print_end(options, session, *end);
}

}  // namespace wsbench::commands
