#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/control/state/status.hpp"
#include "store/run/ledger.hpp"

namespace wsbench::daemon {

using control::state::JobState;

/// A suite that was submitted, as it is kept over restarts.
struct Job {
  std::uint64_t number = 0;  ///< 1, 2, 3, ...; never used twice
  std::string group;         ///< its name among the listed jobs
  std::string suite;
  std::string config;  ///< the suite's JSON, its overrides in it; no password is
  bool local = false;
  control::state::JobState state = control::state::JobState::queued;
  std::string run;   ///< its run's directory within db_root; empty before it began
  std::string note;  ///< why it failed
  std::set<std::string> skipped;
  event::Time submitted{}, began{}, ended{};
};

/// The jobs that wait or run, and the last ended one of each suite name, in a Ledger: a change is on disk
/// when the call returns. Thread-safe.
class Queue {
 public:
  /// In `directory`, which is made if need be. Error locked when another daemon has it.
  static store::Result<std::unique_ptr<Queue>> open(const std::filesystem::path& directory);

  /// Gives the job its number, its group and its time of submission, and puts it at the end.
  store::Result<Job> add(Job job);

  /// Changes one job and returns it; none when it is not listed. A job that has ended by it takes the place
  /// of the suite's former one.
  store::Result<std::optional<Job>> change(std::uint64_t number, const std::function<void(Job&)>& edit);

  std::vector<Job> jobs() const;  ///< by number
  std::optional<Job> find(std::uint64_t number) const;
  std::optional<Job> find(std::string_view group) const;
  /// The job to take next: one that was running when the daemon ended, else the first that waits.
  std::optional<Job> next() const;

 private:
  explicit Queue(std::unique_ptr<store::Ledger> ledger);
  store::Result<void> load();

  const std::unique_ptr<store::Ledger> ledger_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<Job> jobs_;     ///< by number
  std::uint64_t next_number_ = 1;
};

}  // namespace wsbench::daemon
