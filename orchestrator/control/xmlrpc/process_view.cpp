#include "orchestrator/control/xmlrpc/process_view.hpp"

#include <chrono>
#include <string>

#include <fmt/format.h>

namespace wsbench::control::xmlrpc {

using results::TurnState;
using state::ContestantStatus;

using rpc::ProcessState;

ProcessState process_state(TurnState state) noexcept {
  switch (state) {
    case TurnState::pending:
    case TurnState::cancelled:
    case TurnState::skipped:
      return ProcessState::stopped;
    case TurnState::starting:
    case TurnState::probing:
      return ProcessState::starting;
    case TurnState::warm_up:
    case TurnState::measuring:
      return ProcessState::running;
    case TurnState::stopping:
      return ProcessState::stopping;
    case TurnState::completed:
      return ProcessState::exited;
    case TurnState::failed:
    case TurnState::not_installed:
      return ProcessState::fatal;
  }
  return ProcessState::unknown;
}

bool is_over(const ContestantStatus& contestant) noexcept {
  const auto state = contestant.state;
  if (state == TurnState::cancelled || state == TurnState::skipped) return true;
  return is_finished(state) && contestant.round + 1 >= contestant.rounds;
}

std::int64_t whole_seconds(event::Time time) noexcept {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

rpc::Struct process_info(const state::JobStatus& job, const ContestantStatus& contestant, event::Time now) {
  const auto state = process_state(contestant.state);
  return {{"name", contestant.name},
          {"group", job.group},
          {"start", whole_seconds(contestant.began)},
          {"stop", whole_seconds(contestant.ended)},
          {"now", whole_seconds(now)},
          {"state", static_cast<int>(state)},
          {"statename", name(state)},
          {"spawnerr", state == ProcessState::fatal ? contestant.error : std::string()},
          {"exitstatus", 0},
          // Its logs stand with the supervisord that runs it; readProcessStdoutLog gets them from there.
          {"logfile", ""},
          {"stdout_logfile", ""},
          {"stderr_logfile", ""},
          {"pid", contestant.pid},
          {"description", contestant.description}};
}

rpc::Struct config_info(const state::Status& status, std::size_t job, std::size_t contestant) {
  const auto& group = status.jobs[job];
  const auto& one = group.contestants[contestant];
  // What a suite has no notion of says so as supervisord does: 0, false, "none".
  return {{"name", one.name},
          {"group", group.group},
          {"inuse", true},
          {"autostart", !has_ended(group.state) && !is_over(one)},
          {"group_prio", static_cast<std::int64_t>(job + 1)},
          {"process_prio", static_cast<std::int64_t>(contestant + 1)},
          {"command", "none"},
          {"directory", "none"},
          {"uid", "none"},
          {"serverurl", "none"},
          {"exitcodes", rpc::Array{0}},
          {"startsecs", 0},
          {"startretries", 0},
          {"stopsignal", 15},
          {"stopwaitsecs", 0},
          {"killasgroup", false},
          {"redirect_stderr", false},
          {"stdout_logfile", "none"},
          {"stdout_logfile_backups", 0},
          {"stdout_logfile_maxbytes", 0},
          {"stdout_capture_maxbytes", 0},
          {"stdout_events_enabled", false},
          {"stdout_syslog", false},
          {"stderr_logfile", "none"},
          {"stderr_logfile_backups", 0},
          {"stderr_logfile_maxbytes", 0},
          {"stderr_capture_maxbytes", 0},
          {"stderr_events_enabled", false},
          {"stderr_syslog", false}};
}

rpc::Struct process_status(const state::JobStatus& job, const ContestantStatus& contestant,
                           rpc::FaultCode code) {
  const bool is_well = code == rpc::FaultCode::success;
  return {{"name", contestant.name},
          {"group", job.group},
          {"status", static_cast<int>(code)},
          {"description", is_well ? std::string("OK")
                                  : fmt::format("{}: {}:{}", rpc::name(code), job.group, contestant.name)}};
}

}  // namespace wsbench::control::xmlrpc
