#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "client/load/recorder.hpp"
#include "store/event/event.hpp"

// What the load generator samples of itself.

namespace wsbench::client {

/// What the scheduler tells of a thread since its start.
struct ThreadUse {
  event::Duration cpu{0};
  event::Duration run_queue_wait{0};  ///< it could have run, but others did
};

/// Of a schedstat file of /proc (Documentation/scheduler/sched-stats.rst); none when it is anything else.
std::optional<ThreadUse> parse_schedstat(std::string_view text) noexcept;

/// Notices that the wall clock was set, by how far it is ahead of the monotonic clock. Slewing, by which NTP
/// corrects it, never shows: it changes the speed of both. So a difference that moves by more than reading it
/// can be wrong is a step. Used from one thread.
class WallClockWatch {
 public:
  /// The kernel's stamps are good to some 20 us: a smaller step than this makes no lag wrong.
  static constexpr event::Duration kTolerance = std::chrono::microseconds{10};

  /// How far ahead, read with an error of less than half the tolerance; none when other threads came between
  /// all the readings.
  static std::optional<event::Duration> ahead() noexcept;

  /// By how much the clock was set since the last look that told; 0 when it was not, when `ahead` is none,
  /// and at the first look.
  event::Duration look(std::optional<event::Duration> ahead) noexcept;

 private:
  std::optional<event::Duration> ahead_;
};

/// Records what a shard costs, as `instrument` events. Used from the shard's thread; the recorder must
/// outlive it.
class SelfSampler {
 public:
  SelfSampler(Recorder& recorder, std::uint16_t shard) noexcept : recorder_(recorder), shard_(shard) {}
  ~SelfSampler();
  SelfSampler(const SelfSampler&) = delete;
  SelfSampler& operator=(const SelfSampler&) = delete;

  /// Takes the first sample, of the thread that calls it. Before, the others do nothing.
  void begin() noexcept;

  void sample() noexcept;

  /// The same, a second after the last sample.
  void sample_each_second(event::Time now) noexcept {
    if (now >= next_) sample();
  }

  /// As of the last sample; none where the kernel does not tell.
  std::optional<event::Duration> run_queue_wait() const noexcept { return run_queue_wait_; }

 private:
  void record(event::Time time, event::Metric metric, event::Duration value) noexcept;

  Recorder& recorder_;
  const std::uint16_t shard_;
  int schedstat_ = -1;
  event::Time next_ = event::Time::max();  ///< max: before begin()
  std::optional<event::Duration> run_queue_wait_;
  WallClockWatch wall_clock_;
};

}  // namespace wsbench::client
