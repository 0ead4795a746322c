#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace wsbench::control {

/// What takes time, done one after another on a thread that gives way to all others: calls that wait for
/// supervisord or for a disk must not hold up the server's thread. Thread-safe.
class Errands {
 public:
  using Errand = std::function<void()>;

  /// At most `capacity` errands wait beside the one that is being run.
  explicit Errands(std::size_t capacity = 64);
  /// Stops, and waits for the errand that is being run.
  ~Errands();
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;

  /// Queues an errand; false when the queue is full or stop() was called: then it is not kept.
  [[nodiscard]] bool post(Errand errand);

  /// Whether post() would refuse now.
  bool is_full() const;

  /// Nothing more is begun; what waits is dropped unrun. Does not wait.
  void stop();

 private:
  void run();

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Errand> waiting_;  // guarded by mutex_
  bool stopped_ = false;        // guarded by mutex_
  std::thread thread_;
};

}  // namespace wsbench::control
