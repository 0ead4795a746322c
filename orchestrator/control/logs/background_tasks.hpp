#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace wsbench::control::logs {

/// What takes time, done one after another on a thread that gives way to all others: calls that wait for
/// supervisord or for a disk must not hold up the server's thread. Thread-safe.
class BackgroundTasks {
 public:
  using Task = std::function<void()>;

  /// At most `capacity` background_tasks wait beside the one that is being run.
  explicit BackgroundTasks(std::size_t capacity = 64);
  /// Stops, and waits for the task that is being run.
  ~BackgroundTasks();
  BackgroundTasks(const BackgroundTasks&) = delete;
  BackgroundTasks& operator=(const BackgroundTasks&) = delete;

  /// Queues an task; false when the queue is full or stop() was called: then it is not kept.
  [[nodiscard]] bool post(Task task);

  /// Whether post() would refuse now.
  bool is_full() const;

  /// Nothing more is begun; what waits is dropped unrun. Does not wait.
  void stop();

 private:
  void run();

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> waiting_;  // guarded by mutex_
  bool stopped_ = false;      // guarded by mutex_
  std::thread thread_;
};

}  // namespace wsbench::control::logs
