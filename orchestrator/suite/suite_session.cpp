#include "orchestrator/suite/suite_session.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/config/suite_keys.hpp"
#include "orchestrator/machine/file_limit.hpp"
#include "orchestrator/machine/ports.hpp"
#include "orchestrator/results/run_directory.hpp"
#include "orchestrator/suite/preflight.hpp"
#include "orchestrator/util/version.hpp"
#include "rpc/http_transport.hpp"

namespace wsbench::suite {

using nlohmann::json;

namespace {

tl::unexpected<SessionError> infrastructure(std::string message) {
  return tl::unexpected(SessionError{SessionError::Kind::infrastructure, std::move(message)});
}

tl::expected<void, SessionError> ask(const rpc::Endpoint& endpoint) {
  rpc::Supervisor supervisor(rpc::make_http_transport(endpoint));
  const auto state = supervisor.get_state();
  if (!state) {
    const bool absent = state.error().kind == rpc::Error::Kind::unreachable;
    return infrastructure(state.error().message +
                          (absent ? "; start one with competition/serve, or run with --local" : ""));
  }
  if (*state != rpc::SupervisorState::running)
    return infrastructure(fmt::format("supervisord at {} is not running its programs", endpoint.display()));
  return {};
}

}  // namespace

SuiteSession::SuiteSession(config::Config config, SessionOptions options)
    : config_(std::move(config)), options_(std::move(options)), declared_(to_json(config_)) {}

SuiteSession::~SuiteSession() = default;

tl::expected<void, SessionError> SuiteSession::open() {
  machine::raise_file_limit();
  if (options_.local) config_.host = "127.0.0.1";
  auto opened = check_machine()
                    .and_then([this] { return options_.resume.empty() ? create_run() : reopen_run(); })
                    .and_then([this] { return options_.local ? start_supervisord() : reach_supervisord(); });
  if (!opened) discard_unbegun_run();
  return opened;
}

void SuiteSession::discard_unbegun_run() {
  if (!run_ || manifest_ || !options_.resume.empty()) return;
  const auto directory = run_->directory();
  supervisor_.reset();
  local_.reset();
  run_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
}

tl::expected<void, SessionError> SuiteSession::check_machine() const {
  const auto plan = make_plan(config_, machine::place_client_alone());
  const auto findings = check_client_machine(config_, plan, config_.servers.size() * config_.rounds);
  if (!has_errors(findings)) return {};
  return tl::unexpected(
      SessionError{SessionError::Kind::machine, "the suite cannot run: " + errors_of(findings)});
}

tl::expected<void, SessionError> SuiteSession::create_run() {
  if (!options_.local) {
    if (auto reached = ask(config_.supervisord); !reached) return reached;
  }
  auto created = store::Run::create(results::new_run_directory(config_.db_root, config_.name));
  if (!created) return infrastructure(created.error().message);
  run_ = std::move(*created);
  return {};
}

tl::expected<void, SessionError> SuiteSession::reopen_run() {
  auto opened = store::Run::open(options_.resume, store::Run::Access::read_write);
  if (!opened) return infrastructure(opened.error().message);
  run_ = std::move(*opened);
  auto manifest = results::read_manifest(*run_);
  if (!manifest) return infrastructure(manifest.error().message);
  if (const auto changed = config::differences(declared_, manifest->config); !changed.empty()) {
    return tl::unexpected(SessionError{
        SessionError::Kind::config,
        fmt::format("{} was begun with another config ({} differ): resume it with that one, or begin a new "
                    "run",
                    options_.resume.string(), fmt::join(changed, ", "))});
  }
  manifest_ = std::move(*manifest);
  if (options_.local) return {};
  return ask(config_.supervisord);
}

tl::expected<void, SessionError> SuiteSession::reach_supervisord() {
  placement_ = machine::place_client_alone();
  supervisor_.emplace(rpc::make_http_transport(config_.supervisord));
  return {};
}

tl::expected<void, SessionError> SuiteSession::start_supervisord() {
  if (!config_.port) {
    const auto port = machine::free_port();
    if (!port) return infrastructure(port.error());
    config_.port = *port;
  }
  placement_ = machine::place_on_one_machine();
  const auto competition = contestants::find_competition();
  if (!competition) return infrastructure(competition.error());
  auto local = contestants::LocalSupervisord::start(
      {*competition, run_->directory() / results::kSupervisordFolder, config_.effective_port(),
       placement_.contestants, !options_.resume.empty()});
  if (!local) return infrastructure(local.error());
  local_.emplace(std::move(*local));
  config_.supervisord = local_->endpoint();
  supervisor_.emplace(rpc::make_http_transport(config_.supervisord));
  return {};
}

tl::expected<SuiteEnd, SessionError> SuiteSession::measure(Observer& observer, SuiteControl& control) {
  const machine::Pinned pinned(placement_);
  const SuiteTask task{config_,       *run_,      *supervisor_, observer,
                       control,       placement_, declared_,    config_.supervisord.display(),
                       util::kVersion};
  if (!manifest_) {
    auto manifest = prepare_run(task);
    if (!manifest) return infrastructure(manifest.error().message);
    if (auto saved = save_manifest(*run_, *manifest); !saved) return infrastructure(saved.error().message);
    manifest_ = std::move(*manifest);
  }
  const auto end = run_suite(task, *manifest_);
  // Before anybody reads the results: nothing is left to wait for then.
  supervisor_.reset();
  local_.reset();
  if (!end) return infrastructure(end.error().message);
  return *end;
}

}  // namespace wsbench::suite
