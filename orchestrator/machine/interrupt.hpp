#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace wsbench::machine {

/// Turns SIGINT, SIGTERM and SIGHUP into a stop request; a second one ends the process at once with 130
/// (children then end by their parent-death signal). Make it in main before any other thread, so that all of
/// them inherit the blocked signals.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const noexcept { return source_.get_token(); }

  /// Ends what on_hangup() began.
  class Hangup {
   public:
    explicit Hangup(Interrupt& interrupt) : interrupt_(interrupt) {}
    ~Hangup();
    Hangup(const Hangup&) = delete;
    Hangup& operator=(const Hangup&) = delete;

   private:
    Interrupt& interrupt_;
  };
  /// While the object that is returned lives, SIGHUP asks for no end but calls `action`, on a thread of its
  /// own.
  /// Call it before threads are started that the signal would kill where it was ignored until now.
  [[nodiscard]] Hangup on_hangup(std::function<void()> action);

 private:
  bool act_on_hangup();

  std::stop_source source_;
  std::mutex mutex_;
  std::function<void()> hangup_;  ///< guarded by mutex_
  std::jthread waiter_;
};

}  // namespace wsbench::machine
