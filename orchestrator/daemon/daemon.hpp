#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include <tl/expected.hpp>

#include "orchestrator/daemon/daemon_config.hpp"
#include "orchestrator/daemon/queue.hpp"
#include "orchestrator/daemon/suite_host.hpp"
#include "orchestrator/suite/suite_control.hpp"
#include "orchestrator/suite/suite_session.hpp"

namespace wsbench::daemon {

/// Takes the suites of its queue one after another, on a thread of its own, and answers as the control
/// server's Host. Thread-safe.
class Daemon final : public SuiteHost {
 public:
  /// Opens the queue in db_root; the error says which other daemon has it. Nothing is measured yet. The log
  /// must outlive the daemon.
  static tl::expected<std::unique_ptr<Daemon>, std::string> open(const DaemonConfig& config, Log& log);

  /// Stops: the contestant that is measured is stopped, its suite goes on when the queue is opened again.
  ~Daemon() override;

  /// Begins with the first suite. To be called once.
  void start();

  /// Asks for the end, without waiting: shut_down() by a client does the same.
  void stop() noexcept;
  bool stopping() const noexcept { return stop_.stop_requested(); }
  /// Waits for the end of the suites' thread after stop(), or for `limit`; true when it has ended.
  bool wait_for(std::chrono::milliseconds limit);

  tl::expected<std::uint64_t, control::state::Refusal> submit(
      const control::state::Submission& submission) override;
  tl::expected<std::uint64_t, control::state::Refusal> again(std::string_view group) override;
  tl::expected<void, control::state::Refusal> cancel(std::string_view group) override;
  tl::expected<void, control::state::Refusal> skip(std::string_view group,
                                                   std::string_view contestant) override;
  tl::expected<void, control::state::Refusal> unskip(std::string_view group,
                                                     std::string_view contestant) override;
  void shut_down() override;

 private:
  /// The suite that is being taken.
  struct Current {
    std::uint64_t number;
    std::stop_source ends;
    std::stop_callback<std::function<void()>> with_daemon;
    suite::SuiteControl control;
    std::atomic<bool> cancelled = false;
    Current(const Job& job, const std::stop_token& daemon);
  };

  Daemon(const DaemonConfig& config, Log& log, std::unique_ptr<Queue> queue);

  std::optional<LogSource> log_source(std::string_view group) const override;
  tl::expected<std::uint64_t, control::state::Refusal> enqueue(Job job);
  tl::expected<void, control::state::Refusal> change_skipped(std::string_view group,
                                                             const std::string& contestant,
                                                             const std::function<void(Job&)>& edit);
  tl::expected<Job, std::string> change(std::uint64_t number, const std::function<void(Job&)>& edit);
  void wake();

  struct Outcome {
    control::state::JobState state;
    std::string note;
  };
  void take_suites();
  std::optional<Job> begin_next(const std::stop_token& stop);
  std::optional<Outcome> measure(const Job& job, Current& current);
  std::size_t turns_done(std::uint64_t number) const;
  tl::expected<suite::SuiteEnd, suite::SessionError> run_session(std::uint64_t number, Current& current,
                                                                 const config::Config& config);
  void conclude(const suite::SuiteSession& session, const Job& job);
  tl::expected<void, std::string> end(std::uint64_t number, control::state::JobState state,
                                      const std::string& note);
  void list_jobs();

  const DaemonConfig config_;
  const std::unique_ptr<Queue> queue_;
  std::stop_source stop_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::optional<Current> current_;
  bool ended_ = false;  ///< the suites' thread has nothing more to do

  std::thread suites_;
};

}  // namespace wsbench::daemon
