#include "orchestrator/daemon/job_status.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "orchestrator/control/state/board.hpp"
#include "orchestrator/daemon/daemon_config.hpp"
#include "orchestrator/results/run_documents.hpp"
#include "orchestrator/suite/load_plan.hpp"

namespace wsbench::daemon {

using control::state::ContestantStatus;
using control::state::JobStatus;
using results::TurnState;

namespace {

/// What a job that has begun has measured so far; false when there is nothing to be read.
bool take_from_run(control::state::JobStatus& shown, const Job& job, const std::filesystem::path& db_root) {
  if (job.run.empty()) return false;
  const auto run = store::Run::open(db_root / job.run, store::Run::Access::read_only);
  if (!run) return false;
  const auto suite = results::read_suite_result(**run);
  if (!suite) return false;
  shown.contestants = control::state::contestants_of(*suite);
  shown.load = suite->manifest.load;
  shown.turns = suite->manifest.turns.size();
  for (const auto& contestant : suite->contestants) {
    shown.turns_done +=
        static_cast<std::size_t>(std::count_if(contestant.rounds.begin(), contestant.rounds.end(),
                                               [](const auto& round) { return is_finished(round.state); }));
  }
  return true;
}

/// What a job that has not begun says of itself; which contestants, only when its config names them.
void take_from_config(control::state::JobStatus& shown, const Job& job,
                      const std::filesystem::path& db_root) {
  const auto submitted = parse_submitted(job.config, job.suite, {}, db_root);
  if (!submitted) return;
  const auto& config = submitted->config;
  shown.load = suite::describe(suite::make_plan(config, machine::place_client_alone()));
  for (const auto& server : config.servers) {
    control::state::ContestantStatus contestant;
    contestant.name = server;
    contestant.rounds = static_cast<std::uint16_t>(config.rounds);
    shown.contestants.push_back(std::move(contestant));
  }
  shown.turns = config.servers.size() * config.rounds;
}

void take_skipped(control::state::JobStatus& shown, const Job& job) {
  for (auto& contestant : shown.contestants) {
    if (contestant.result != nullptr) continue;
    const bool skipped = job.skipped.contains(contestant.name);
    if (skipped && contestant.state == results::TurnState::pending) {
      contestant.state = results::TurnState::skipped;
      contestant.description = "skipped";
    } else if (!skipped && contestant.state == results::TurnState::skipped) {
      contestant.state = results::TurnState::pending;
    }
  }
}

/// What an ended job shows as being taken, or as waiting, never was: it was cancelled, or broken off.
void end_what_is_open(control::state::JobStatus& shown) {
  for (auto& contestant : shown.contestants) {
    const bool is_open = !is_finished(contestant.state) && contestant.state != results::TurnState::cancelled;
    if (!is_open) continue;
    contestant.state = results::TurnState::cancelled;
    contestant.description = name(results::TurnState::cancelled);
    contestant.pid = 0;
  }
}

/// Running, queued in their order, ended from the latest on.
bool stands_before(const control::state::JobStatus& one, const control::state::JobStatus& other) {
  const auto group = [](const control::state::JobStatus& job) {
    return has_ended(job.state) ? 2 : job.state == control::state::JobState::queued ? 1 : 0;
  };
  if (group(one) != group(other)) return group(one) < group(other);
  if (group(one) == 2 && one.ended != other.ended) return one.ended > other.ended;
  return one.number < other.number;
}

}  // namespace

control::state::JobStatus read_status(const Job& job, const std::filesystem::path& db_root) {
  control::state::JobStatus shown;
  shown.number = job.number;
  try {
    if (!take_from_run(shown, job, db_root)) take_from_config(shown, job, db_root);
  } catch (const std::exception&) {
    // Results of a shape that this wsbench does not know are shown without their contestants.
  }
  return shown;
}

std::vector<control::state::JobStatus> merge(const std::vector<Job>& jobs,
                                             std::vector<control::state::JobStatus> known) {
  std::vector<control::state::JobStatus> statuses;
  for (const auto& job : jobs) {
    control::state::JobStatus shown;
    const auto before = std::find_if(known.begin(), known.end(), [&](const control::state::JobStatus& other) {
      return other.number == job.number;
    });
    if (before != known.end()) shown = std::move(*before);
    shown.number = job.number;
    shown.group = job.group;
    shown.suite = job.suite;
    shown.state = job.state;
    shown.note = job.note;
    shown.run = job.run;
    shown.local = job.local;
    shown.submitted = job.submitted;
    shown.began = job.began;
    shown.ended = job.ended;
    take_skipped(shown, job);
    if (has_ended(job.state)) {
      shown.left.reset();
      end_what_is_open(shown);
    }
    statuses.push_back(std::move(shown));
  }
  std::sort(statuses.begin(), statuses.end(), stands_before);
  return statuses;
}

}  // namespace wsbench::daemon
