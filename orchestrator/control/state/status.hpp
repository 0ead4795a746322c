#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/load/load.hpp"
#include "orchestrator/results/round_result.hpp"
#include "orchestrator/results/turn.hpp"
#include "store/event/event.hpp"

// What the control server tells of the suites: plain data, made by the Board, never changed once it is
// shared. Every output (XML-RPC, JSON, metrics, the feed) is made from it alone. docs/control.md has the
// words.

namespace wsbench::control::state {

using results::Nanoseconds;
using results::RoundResult;
using results::TurnState;

enum class JobState { queued, running, complete, cancelled, failed };

std::string_view name(JobState state) noexcept;
/// complete, cancelled, failed.
bool has_ended(JobState state) noexcept;

/// A contestant of a job, over all its rounds.
struct ContestantStatus {
  std::string name;
  results::TurnState state =
      results::TurnState::pending;  ///< of the round being taken, or of the last that ended
  std::uint16_t round = 0;          ///< that one, from 0
  std::uint16_t rounds = 1;
  std::string description;  ///< "measuring 34 of 60 s, 10000 clients, 9981 msg/s, p99 1.9 ms"
  std::string error;        ///< why it failed; else empty
  int pid = 0;              ///< while it runs, where it is known
  event::Time began{};      ///< of its latest turn; 0: not yet
  event::Time ended{};      ///< 0: not yet
  std::shared_ptr<const results::RoundResult> result;  ///< of its latest ended round; null before
};

/// A suite that was submitted.
struct JobStatus {
  std::uint64_t number = 0;
  std::string group;  ///< its name among the listed jobs
  std::string suite;
  JobState state = JobState::queued;
  std::string note;  ///< why it failed; else empty
  std::string run;   ///< its run's directory within db_root; empty before it began
  bool local = false;
  std::string load;                           ///< "open loop, 50 clients, a message each every 100 ms, ..."
  event::Time submitted{}, began{}, ended{};  ///< 0: not yet
  std::size_t turns = 0, turns_done = 0;      ///< 0 turns: not known before it begins
  std::optional<results::Nanoseconds> left;   ///< estimated
  std::vector<ContestantStatus>
      contestants;  ///< in the order of the first round; as configured before it begins
};

/// A second of a load.
struct LivePoint {
  results::Nanoseconds at{0};  ///< since the load began
  event::Phase phase = event::Phase::ramp;
  std::uint32_t open = 0;
  double sent_rate = 0, received_rate = 0;                           ///< messages a second
  std::optional<results::Nanoseconds> p50, p90, p99, p999, lag_p99;  ///< of this second's messages
  std::optional<std::uint64_t> rss_bytes, connections;               ///< the monitor's last sample
  std::optional<double> cpu_share;  ///< CPU seconds a second, between the last two samples
};

/// The load that runs.
struct Live {
  std::string group, contestant;
  std::uint16_t round = 0;
  results::TurnState state = results::TurnState::warm_up;
  client::Snapshot totals;  ///< since the load began; its histograms of measured messages only
  results::Nanoseconds latency_sum{0}, lag_sum{0};  ///< of the histograms' values, approximately
  results::Nanoseconds warm_up{0}, measuring{0};    ///< as planned
  std::optional<results::Nanoseconds> interval;     ///< of a client's messages, in an open loop
  std::uint32_t requested = 0;                      ///< clients
  double cpu_seconds = 0;                           ///< of the contestant, since it started
  std::vector<LivePoint> points;                    ///< one a second, at most the last 3,600
};

/// How many turns have ended since the daemon began, by how.
struct TurnTotals {
  std::uint64_t completed = 0, failed = 0, not_installed = 0, cancelled = 0, skipped = 0;
};

struct Status {
  std::uint64_t revision = 0;  ///< counts every change
  std::uint64_t structure =
      0;  ///< counts those that are not only of `live` and of its contestant's description
  bool stopping = false;
  bool foreground = false;  ///< `wsbench run --listen`: one suite, no queue
  std::string version;
  int pid = 0;
  event::Time started{};
  std::string db_root;
  std::vector<JobStatus> jobs;  ///< running, queued in their order, ended from the latest on
  std::shared_ptr<const Live> live;
  TurnTotals turns;
  std::uint64_t messages_sent = 0,
                messages_received = 0;  ///< of all loads since the daemon began, live ones too
};

/// The job of that group, or nullptr.
const JobStatus* find_job(const Status& status, std::string_view group) noexcept;
const ContestantStatus* find_contestant(const JobStatus& job, std::string_view name) noexcept;

}  // namespace wsbench::control::state
