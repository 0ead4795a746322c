#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/event/block.hpp"
#include "store/fold/duration_sum.hpp"
#include "store/fold/fold.hpp"
#include "store/fold/matcher.hpp"

namespace wsbench::store {

/// When a round's measuring phase began and ended, and when its echoes were waited for no longer.
struct Span {
  event::Time began{};
  event::Time ended{};
  std::optional<event::Time> drained;  ///< none when the events do not go so far: a run that was killed
};

/// As the events of kind phase_began tell; in runs that are older than these, by each phase's first event.
/// None when the round did not get to the end of its measuring phase.
Result<std::optional<Span>> find_span(const Run& run, std::string_view contestant, std::uint16_t round);

/// Gathers in any order what lies within a round's measuring phase, messages and connections by the part of
/// them that does. Used from one thread.
class WindowTally {
 public:
  explicit WindowTally(const std::optional<Span>& span) noexcept : span_(span) {}

  const std::optional<Span>& span() const noexcept { return span_; }

  /// A block, and what a Matcher found in it; no event of it is outside of [earliest, latest].
  void record(const event::Block& block, event::Time earliest, event::Time latest, const Matches& matches);

  /// Echoes of measured messages; their blocks have been recorded.
  void record_echoes(const Matches& matches) noexcept;

  /// A measured message for whose echo its client waited in vain until then.
  void record_vain(event::Time due, event::Time until) noexcept;

  void record_connected(event::Time from) noexcept;
  /// That client's connection ended then.
  void record_disconnected(event::Time at) noexcept;

  void add(const WindowTally& other) noexcept;

  /// `latencies`: the sum of all that were measured. None without a span.
  std::optional<Window> finish(const DurationSum& latencies) const noexcept;

 private:
  event::Duration left_at(event::Time time) const noexcept;

  std::optional<Span> span_;
  std::uint64_t received_ = 0;
  DurationSum overhang_;  ///< of latencies, what lies behind the end
  DurationSum in_vain_;
  DurationSum connected_;
};

}  // namespace wsbench::store
