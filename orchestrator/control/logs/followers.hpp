#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <tl/expected.hpp>

#include "orchestrator/control/state/host.hpp"
#include "orchestrator/control/web/http.hpp"

namespace wsbench::control::logs {

/// A log's window, as Host::tail_log and tail_contestant_log give it.
using TailLog =
    std::function<tl::expected<state::LogWindow, state::Refusal>(std::int64_t offset, std::int64_t length)>;

/// One reader of a log that grows. Used from one thread.
class LogFollower {
 public:
  /// Goes on behind `offset`, the log's size when its end was last sent.
  LogFollower(std::unique_ptr<web::Stream> stream, TailLog tail, std::int64_t offset);

  /// Sends what has been added since; false when the reader or the log is gone for good. A log that cannot be
  /// read at the moment, one that was truncated, and what was skipped because it grew too fast, are said
  /// between "==>" and "<==", as supervisord says the second.
  bool poll();

 private:
  bool say(std::string_view remark);

  std::unique_ptr<web::Stream> stream_;
  TailLog tail_;
  std::int64_t offset_;
  bool is_unreadable_ = false;
};

/// The part of a window that stands behind `offset`: supervisord's own tail repeats older bytes when the log
/// has grown by less than it was asked for.
std::string_view behind(const state::LogWindow& window, std::int64_t offset) noexcept;

/// Polls a bounded number of followers from a thread that gives way to all others. Thread-safe.
class Followers {
 public:
  explicit Followers(std::size_t limit = 32, std::chrono::milliseconds interval = std::chrono::seconds{1});
  /// Stops, and waits for the poll that is being made.
  ~Followers();
  Followers(const Followers&) = delete;
  Followers& operator=(const Followers&) = delete;

  bool is_full() const;
  /// False, and its reader is let go, when there are `limit` already or stop() was called.
  bool add(LogFollower follower);
  /// Lets every reader go. Does not wait.
  void stop();

 private:
  void run();

  const std::size_t limit_;
  const std::chrono::milliseconds interval_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<LogFollower> joining_;    // guarded by mutex_
  std::size_t count_ = 0;             // guarded by mutex_; of joining_ and followers_
  bool stopped_ = false;              // guarded by mutex_
  std::list<LogFollower> followers_;  // the thread's own
  std::thread thread_;
};

}  // namespace wsbench::control::logs
