#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "client/transport/descriptor.hpp"
#include "client/transport/loop.hpp"
#include "client/transport/stamps.hpp"

namespace wsbench::client::transport {

/// What the loops that we write ourselves have in common. They run in turns: wait for the kernel, deliver
/// what it tells, run what was posted, wake whoever wanted it.
class TurningLoop : public Loop {
 public:
  event::Time read_at() const noexcept final { return read_at_; }
  void post(std::function<void()> task) final;
  void wake_at(event::Time time) final;
  void run(std::function<void()> on_wake) final;
  void stop() noexcept final { stopped_ = true; }
  void tell_reads(std::uint32_t one_in) noexcept final { stamped_reads_.tell_one_in(one_in); }

  /// For its streams.
  ReadSampler& stamped_reads() noexcept { return stamped_reads_; }

 protected:
  TurningLoop();

  /// Waits until there is something to deliver, or until `time` (when that has passed, it only looks), and
  /// delivers what there is, having called mark_read().
  virtual void turn(event::Time time) = 0;
  virtual void begin_running() {}
  virtual void end_running() {}

  void mark_read(event::Time time = event::Clock::now()) noexcept { read_at_ = time; }

  /// An eventfd that becomes readable when a task is posted; answer_doorbell() takes that back.
  int doorbell() const noexcept { return doorbell_.get(); }
  void answer_doorbell() noexcept { has_rung_ = true; }

 private:
  void run_tasks();

  const Descriptor doorbell_;
  event::Time read_at_{};
  ReadSampler stamped_reads_;
  event::Time wake_ = event::Time::max();  ///< max: nobody wants to be woken
  std::function<void()> on_wake_;
  bool stopped_ = false;
  bool has_rung_ = false;

  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;  ///< guarded by mutex_
};

}  // namespace wsbench::client::transport
