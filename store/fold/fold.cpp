#include "store/fold/fold.hpp"

#include <algorithm>
#include <utility>

#include "store/fold/parallel_fold.hpp"
#include "store/fold/tally.hpp"
#include "store/fold/window.hpp"
#include "store/read/reader.hpp"

namespace wsbench::store {

namespace {

using event::Time;

constexpr event::Duration kLongestRound = std::chrono::hours{24 * 365};
constexpr event::Duration kLagOfTheFirst = std::chrono::milliseconds{50};

/// From the earlier to the later; the longest duration there is when it is longer than that.
event::Duration span(Time earlier, Time later) noexcept {
  const auto count = [](Time time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); };
  const std::uint64_t length = count(later) - count(earlier);
  const auto longest = static_cast<std::uint64_t>(event::Duration::max().count());
  return event::Duration(static_cast<event::Duration::rep>(std::min(length, longest)));
}

Selection of_round(std::uint16_t round) {
  Selection selection;
  selection.round = round;
  return selection;
}

/// The earliest due time of the round's measured messages, as the beginning of its measuring phase has it:
/// the truth, unless some message was sent much later than it was due. The epoch when nothing was measured.
Result<Time> guess_origin(const Run& run, std::string_view contestant, std::uint16_t round) {
  Selection selection = of_round(round);
  selection.phase = event::Phase::measuring;
  std::optional<Time> origin;
  auto read = scan_blocks(run, contestant, selection, [&](const event::Block& block) {
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (block.kinds()[i] != event::Kind::send_message) continue;
      const Time due =
          block.times()[i] - event::Duration(static_cast<event::Duration::rep>(block.values()[i]));
      origin = std::min(origin.value_or(due), due);
    }
    if (block.size() == 0) return true;
    const Time earliest = *std::min_element(block.times().begin(), block.times().end());
    return !origin || earliest < *origin + kLagOfTheFirst;
  });
  if (!read) return tl::unexpected(std::move(read.error()));
  return origin.value_or(Time{});
}

/// Brings samples together of which each event has one metric.
void take_samples(std::vector<event::Event> events, Statistics& statistics) {
  // Phases come one after the other, and a late sample of one may be older than the first of the next.
  std::stable_sort(events.begin(), events.end(),
                   [](const event::Event& a, const event::Event& b) { return a.time < b.time; });
  for (const event::Event& one : events) {
    if (one.kind == event::Kind::server) {
      auto& samples = statistics.samples;
      if (samples.empty() || samples.back().time != one.time) samples.push_back({one.time, {}});
      samples.back().values[static_cast<event::Metric>(one.client)] = one.value;
    } else {
      auto& samples = statistics.instrument;
      if (samples.empty() || samples.back().time != one.time || samples.back().shard != one.client)
        samples.push_back({one.time, one.client, {}});
      samples.back().values[static_cast<event::Metric>(one.sequence)] = one.value;
    }
  }
}

}  // namespace

Result<Statistics> fold(const Run& run, std::string_view contestant, std::uint16_t round,
                        const FoldOptions& options) {
  const auto span_found = find_span(run, contestant, round);
  if (!span_found) return tl::unexpected(span_found.error());
  auto origin = guess_origin(run, contestant, round);
  // The second time the origin is known.
  for (int turn = 0; origin && turn < 2; ++turn) {
    auto folded = fold_round(run, contestant, of_round(round), {*origin, *span_found}, options);
    if (!folded) return tl::unexpected(std::move(folded.error()));
    Tally& tally = folded->tally;
    const Time first = tally.measuring_first();
    if (tally.has_measured() && span(first, tally.measuring_last()) > kLongestRound)
      return tl::unexpected(Error{Error::Kind::corruption, "The messages of " + std::string(contestant) +
                                                               " were due over more than a year."});
    if (tally.has_measured() && first != *origin) {
      origin = first;
      continue;
    }
    Statistics statistics = tally.finish();
    take_samples(std::move(folded->samples), statistics);
    return statistics;
  }
  return tl::unexpected(std::move(origin.error()));
}

}  // namespace wsbench::store
