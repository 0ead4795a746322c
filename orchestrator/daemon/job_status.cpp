#include "orchestrator/daemon/job_status.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "orchestrator/control/board.hpp"
#include "orchestrator/daemon/daemon_config.hpp"
#include "orchestrator/documents.hpp"
#include "orchestrator/load_plan.hpp"

namespace wsbench::daemon {

using control::ContestantStatus;
using control::JobStatus;
using orchestrator::TurnState;

namespace {

/// What a job that has begun has measured so far; false when there is nothing to be read.
bool take_from_run(JobStatus& shown, const Job& job, const std::filesystem::path& db_root) {
  if (job.run.empty()) return false;
  const auto run = store::Run::open(db_root / job.run, store::Run::Access::read_only);
  if (!run) return false;
  const auto suite = orchestrator::load_suite_result(**run);
  if (!suite) return false;
  shown.contestants = control::contestants_of(*suite);
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
void take_from_config(JobStatus& shown, const Job& job, const std::filesystem::path& db_root) {
  const auto submitted = parse_submitted(job.config, job.suite, {}, db_root);
  if (!submitted) return;
  const auto& config = submitted->config;
  shown.load = orchestrator::describe(orchestrator::make_plan(config, orchestrator::place_client_alone()));
  for (const auto& server : config.servers) {
    ContestantStatus contestant;
    contestant.name = server;
    contestant.rounds = static_cast<std::uint16_t>(config.rounds);
    shown.contestants.push_back(std::move(contestant));
  }
  shown.turns = config.servers.size() * config.rounds;
}

void take_skipped(JobStatus& shown, const Job& job) {
  for (auto& contestant : shown.contestants) {
    if (contestant.result != nullptr) continue;
    const bool skipped = job.skipped.contains(contestant.name);
    if (skipped && contestant.state == TurnState::pending) {
      contestant.state = TurnState::skipped;
      contestant.description = "skipped";
    } else if (!skipped && contestant.state == TurnState::skipped) {
      contestant.state = TurnState::pending;
    }
  }
}

/// What an ended job shows as being taken, or as waiting, never was: it was cancelled, or broken off.
void end_what_is_open(JobStatus& shown) {
  for (auto& contestant : shown.contestants) {
    const bool is_open = !is_finished(contestant.state) && contestant.state != TurnState::cancelled;
    if (!is_open) continue;
    contestant.state = TurnState::cancelled;
    contestant.description = name(TurnState::cancelled);
    contestant.pid = 0;
  }
}

/// Running, queued in their order, ended from the latest on.
bool stands_before(const JobStatus& one, const JobStatus& other) {
  const auto group = [](const JobStatus& job) {
    return has_ended(job.state) ? 2 : job.state == JobState::queued ? 1 : 0;
  };
  if (group(one) != group(other)) return group(one) < group(other);
  if (group(one) == 2 && one.ended != other.ended) return one.ended > other.ended;
  return one.number < other.number;
}

}  // namespace

JobStatus read_status(const Job& job, const std::filesystem::path& db_root) {
  JobStatus shown;
  shown.number = job.number;
  try {
    if (!take_from_run(shown, job, db_root)) take_from_config(shown, job, db_root);
  } catch (const std::exception&) {
    // Results of a shape that this wsbench does not know are shown without their contestants.
  }
  return shown;
}

std::vector<JobStatus> merge(const std::vector<Job>& jobs, std::vector<JobStatus> known) {
  std::vector<JobStatus> statuses;
  for (const auto& job : jobs) {
    JobStatus shown;
    const auto before = std::find_if(known.begin(), known.end(),
                                     [&](const JobStatus& other) { return other.number == job.number; });
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
