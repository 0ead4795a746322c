#pragma once

#include <cstdint>
#include <vector>

#include "store/event/histogram.hpp"
#include "store/fold/fold.hpp"
#include "store/fold/matcher.hpp"
#include "store/fold/seconds.hpp"

namespace wsbench::store {

/// Statistics on their way: what is the same in whatever order and by how many threads it is gathered. Used
/// from one thread.
class Tally {
 public:
  /// `origin`: from where seconds are counted.
  explicit Tally(event::Time origin) : seconds_(origin) {}

  void count_events(std::uint64_t events) noexcept { statistics_.events += events; }
  void record(const Matches& matches);
  void record_handshake_begun() noexcept { ++statistics_.attempted; }
  void record_handshake(event::Duration duration) { statistics_.handshake.record(duration); }
  void record_ending(event::Ending ending) noexcept;
  void record_warm_up_echo() noexcept { ++statistics_.warm_up_received; }

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

  Statistics statistics_;
  SecondSeries seconds_;
  std::vector<event::Histogram::Bucket> latency_buckets_;  ///< of the matches at hand
};

}  // namespace wsbench::store
