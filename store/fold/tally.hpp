#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "store/event/histogram.hpp"
#include "store/fold/fold.hpp"
#include "store/fold/matcher.hpp"
#include "store/fold/seconds.hpp"
#include "store/fold/window.hpp"

namespace wsbench::store {

/// What a round's events are looked at in.
struct Frame {
  event::Time origin{};      ///< seconds are counted from here
  std::optional<Span> span;  ///< its measuring phase
};

/// Statistics on their way: what is the same in whatever order and by how many threads it is gathered. Used
/// from one thread.
class Tally {
 public:
  explicit Tally(const Frame& frame) : seconds_(frame.origin), window_(frame.span) {}

  void count_events(std::uint64_t events) noexcept { statistics_.events += events; }
  void record(const Matches& matches);
  void record(const std::vector<event::ReadLag>& lags);
  void record_wall_clock_step() noexcept { statistics_.wall_clock_stepped = true; }
  void record_handshake_begun() noexcept { ++statistics_.attempted; }
  void record_handshake(event::Time began, event::Time done);
  void record_handshake_failed(event::Duration waited) { statistics_.handshake.censor(waited); }
  void record_ending(event::Ending ending) noexcept;
  void record_disconnected(event::Time at) noexcept { window_.record_disconnected(at); }
  void record_unsent(event::Unsent unsent) noexcept;
  /// A measured message that no echo came for; its client waited until then, to the drain's end if it can.
  void record_unanswered(const Unanswered::Message& message, std::optional<event::Time> ended);

  WindowTally& window() noexcept { return window_; }

  /// Makes small what was recorded; to be called now and then.
  void pack() { seconds_.pack(); }
  void add(Tally&& other);

  event::Time measuring_first() const noexcept { return statistics_.measuring_first; }
  event::Time measuring_last() const noexcept { return statistics_.measuring_last; }
  bool has_measured() const noexcept { return statistics_.sent > 0; }

  /// All but the samples. The tally is empty afterwards. Precondition: packed.
  Statistics finish();

 private:
  void extend(event::Time first, event::Time last) noexcept;
  void record_lost(const Unanswered::Message& message, event::Time until);
  void find_stuck() noexcept;

  Statistics statistics_;
  SecondSeries seconds_;
  WindowTally window_;
  std::unordered_map<std::uint32_t, event::Duration> waits_;  ///< the longest of clients that still waited
  std::vector<event::Histogram::Bucket> latency_buckets_;     ///< of the matches at hand
  std::vector<event::Duration> read_lags_, read_lags_in_latency_;  ///< of those at hand
};

}  // namespace wsbench::store
