#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "orchestrator/control/state/status.hpp"
#include "orchestrator/suite/observer.hpp"

namespace wsbench::control::state {

/// What a board tells of its program.
struct BoardSpec {
  std::string version;
  std::string db_root;
  bool foreground = false;
  std::function<event::Time()> now = event::Clock::now;
};

/// Where whoever runs the suites writes what happens, and the control server reads it: an immutable Status at
/// any time. Thread-safe; an Observer's calls come from the thread of the suite that runs. Under load a
/// Status is made once a second (about 0.2 ms).
class Board final : public suite::Observer {
 public:
  explicit Board(const BoardSpec& spec);

  std::shared_ptr<const Status> status() const;

  /// Waits until a status other than the one of that revision is there, or for `limit`.
  void wait_for_change(std::uint64_t revision, std::chrono::milliseconds limit) const;

  /// Changes the jobs, or what else does not come from a suite. `change` must not call the board.
  void update(const std::function<void(Status&)>& change);

  /// The observer's calls are of this job from now on, which is listed.
  void begin_job(std::uint64_t number);

  void began(const results::Manifest& manifest, const results::SuiteResult& so_far) override;
  void notice(std::string_view /*line*/) override {}
  void entered(const suite::TurnView& view) override;
  void progressed(const suite::TurnView& view, const client::Snapshot& snapshot) override;
  void sampled(const suite::TurnView& view, const contestants::ServerSample& sample) override;
  void ended(const suite::TurnView& view, const results::RoundResult& result) override;

 private:
  /// The load that runs, as far as the suite's thread has told it. Used from that thread only.
  struct Load {
    Live live;
    event::Time began{}, last_point{};
    std::uint64_t sent = 0, received = 0;  ///< at the last point
    event::Histogram latency, lag;         ///< at the last point
    std::optional<contestants::ServerSample> sample;
    std::optional<double> cpu_share;
  };

  void publish();  ///< precondition: mutex_ is held
  void restructured();
  JobStatus* job();
  ContestantStatus* contestant(std::string_view name);
  void begin_load(const suite::TurnView& view);
  void end_load();
  LivePoint make_point(const client::Snapshot& snapshot, event::Time now);

  const std::function<event::Time()> now_;

  mutable std::mutex mutex_;  // guards what follows, up to load_
  mutable std::condition_variable changed_;
  Status working_;
  std::shared_ptr<const Status> published_;
  std::uint64_t job_ = 0;                                ///< its number; 0: none
  std::uint64_t sent_before_ = 0, received_before_ = 0;  ///< by loads that have ended

  std::optional<Load> load_;
};

/// A job's contestants as its results tell them, in the order of the first round.
std::vector<ContestantStatus> contestants_of(const results::SuiteResult& suite);

}  // namespace wsbench::control::state
