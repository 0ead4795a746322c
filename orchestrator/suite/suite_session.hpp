#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "orchestrator/config/suite_config.hpp"
#include "orchestrator/contestants/local_supervisord.hpp"
#include "orchestrator/results/run_documents.hpp"
#include "orchestrator/suite/load_plan.hpp"
#include "orchestrator/suite/observer.hpp"
#include "orchestrator/suite/suite.hpp"
#include "orchestrator/suite/suite_control.hpp"
#include "rpc/supervisor.hpp"
#include "store/run/run.hpp"

namespace wsbench::suite {

/// Why a session could not begin or go on.
struct SessionError {
  enum class Kind {
    config,          ///< the user's to mend: a run that is resumed was begun with another config
    machine,         ///< this machine's limits: trying again is in vain
    infrastructure,  ///< supervisord, the disk
  };
  Kind kind = Kind::infrastructure;
  std::string message;  ///< may have several lines
};

struct SessionOptions {
  bool local = false;            ///< a supervisord of wsbench's own, on loopback
  std::filesystem::path resume;  ///< a run that was begun with this config; empty: a new one in db_root
};

/// One suite from its config to its end: the machine checked, the run opened, supervisord reached or started,
/// every turn taken. Used from one thread, which must live as long as the session (a local supervisord ends
/// with it).
class SuiteSession {
 public:
  SuiteSession(config::Config config, SessionOptions options);
  ~SuiteSession();
  SuiteSession(const SuiteSession&) = delete;
  SuiteSession& operator=(const SuiteSession&) = delete;

  /// All that comes before the first turn. On an error no new run is left behind; one that was to be resumed
  /// stays as it was.
  tl::expected<void, SessionError> open();
  /// Whether there is something to go on with: the manifest is written.
  bool was_begun() const noexcept { return manifest_.has_value(); }

  /// Deletes the run if open() has made it and measure() did not come to its manifest. Nothing but
  /// was_begun() may be asked afterwards.
  void discard_unbegun_run();

  /// Takes the turns. Precondition: open() went well. Contestants and a local supervisord have ended when it
  /// returns; what was measured is in run(), also after an error.
  tl::expected<SuiteEnd, SessionError> measure(Observer& observer, SuiteControl& control);

  const config::Config& config() const noexcept { return config_; }
  /// Precondition: open() went well.
  store::Run& run() const noexcept { return *run_; }
  /// The supervisord that runs the contestants, once open() went well.
  const rpc::Endpoint& supervisord() const noexcept { return config_.supervisord; }

 private:
  tl::expected<void, SessionError> check_machine() const;
  tl::expected<void, SessionError> create_run();
  tl::expected<void, SessionError> reopen_run();
  tl::expected<void, SessionError> reach_supervisord();
  tl::expected<void, SessionError> start_supervisord();

  config::Config config_;
  const SessionOptions options_;
  const nlohmann::json declared_;  ///< the config before --local's own host and port
  std::unique_ptr<store::Run> run_;
  std::optional<results::Manifest> manifest_;
  machine::Placement placement_;
  std::optional<contestants::LocalSupervisord> local_;
  std::optional<rpc::Supervisor> supervisor_;
};

}  // namespace wsbench::suite
