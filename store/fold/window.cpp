#include "store/fold/window.hpp"

#include <algorithm>
#include <utility>

#include "store/read/cursor.hpp"

namespace wsbench::store {

namespace {

using event::Duration;
using event::Kind;
using event::Phase;
using event::Time;

/// Every shard's first block of a phase begins with the mark, but for one whose first events were lost.
constexpr int kBlocksLookedAt = 64;
constexpr unsigned bit_of(Kind kind) noexcept {
  return 1U << static_cast<unsigned>(kind);
}
constexpr unsigned kMark = bit_of(Kind::phase_began);
constexpr unsigned kSamples = bit_of(Kind::server) | bit_of(Kind::read_lag) | bit_of(Kind::instrument);

std::optional<Time> mark_in(const event::Block& block) noexcept {
  const auto& kinds = block.kinds();
  const auto mark = std::find(kinds.begin(), kinds.end(), Kind::phase_began);
  if (mark == kinds.end()) return std::nullopt;
  return block.times()[static_cast<std::size_t>(mark - kinds.begin())];
}

Result<std::optional<Time>> find_began(const Run& run, std::string_view contestant, std::uint16_t round,
                                       Phase phase) {
  Selection selection;
  selection.round = round;
  selection.phase = phase;
  auto cursor = Cursor::open(run, contestant, selection);
  if (!cursor) return tl::unexpected(std::move(cursor.error()));
  std::optional<Time> earliest;
  event::Block block;
  for (int looked_at = 0; looked_at < kBlocksLookedAt; ++looked_at) {
    const auto found = cursor->next();
    if (!found) return tl::unexpected(found.error());
    if (!*found) break;
    const auto header = cursor->header();
    if (!header) return tl::unexpected(header.error());
    if ((header->kinds & ~kSamples) == 0) continue;
    if (!earliest) earliest = header->earliest;
    if ((header->kinds & kMark) == 0) continue;
    if (auto read = cursor->read(block); !read) return tl::unexpected(std::move(read.error()));
    return mark_in(block);
  }
  return earliest;
}

}  // namespace

Result<std::optional<Span>> find_span(const Run& run, std::string_view contestant, std::uint16_t round) {
  using Answer = std::optional<Span>;
  const auto measuring = find_began(run, contestant, round, Phase::measuring);
  if (!measuring) return tl::unexpected(measuring.error());
  const auto drain = find_began(run, contestant, round, Phase::drain);
  if (!drain) return tl::unexpected(drain.error());
  const auto closing = find_began(run, contestant, round, Phase::closing);
  if (!closing) return tl::unexpected(closing.error());
  // Without a client left there is no drain, or one that began before its time.
  const Time ended = std::min(drain->value_or(Time::max()), closing->value_or(Time::max()));
  if (!*measuring || ended == Time::max() || ended <= **measuring) return Answer();
  return Answer(Span{**measuring, ended, *closing});
}

void WindowTally::record(const event::Block& block, Time earliest, Time latest, const Matches& matches) {
  if (!span_ || latest < span_->began) return;
  const auto& kinds = block.kinds();
  if (earliest >= span_->began && latest < span_->ended) {
    received_ += static_cast<std::uint64_t>(std::count(kinds.begin(), kinds.end(), Kind::recv_message));
    return;
  }
  for (std::size_t i = 0; i < block.size(); ++i) {
    const Time time = block.times()[i];
    received_ += kinds[i] == Kind::recv_message && time >= span_->began && time < span_->ended;
  }
  record_echoes(matches);
}

void WindowTally::record_echoes(const Matches& matches) noexcept {
  if (!span_) return;
  for (std::size_t i = 0; i < matches.received; ++i) {
    const Duration behind = matches.due[i] + matches.latency[i] - span_->ended;
    if (behind > Duration::zero()) overhang_.add(std::min(behind, matches.latency[i]));
  }
}

void WindowTally::record_vain(Time due, Time until) noexcept {
  if (!span_) return;
  in_vain_.add(std::max(std::min(until, span_->ended) - due, Duration::zero()));
}

void WindowTally::record_connected(Time from) noexcept {
  if (span_) connected_.add(left_at(from));
}

void WindowTally::record_disconnected(Time at) noexcept {
  if (span_) connected_.subtract(left_at(at));
}

/// What is left of the window then.
Duration WindowTally::left_at(Time time) const noexcept {
  return span_->ended - std::clamp(time, span_->began, span_->ended);
}

void WindowTally::add(const WindowTally& other) noexcept {
  received_ += other.received_;
  overhang_.add(other.overhang_);
  in_vain_.add(other.in_vain_);
  connected_.add(other.connected_);
}

std::optional<Window> WindowTally::finish(const DurationSum& latencies) const noexcept {
  if (!span_) return std::nullopt;
  const auto length = static_cast<long double>((span_->ended - span_->began).count());
  const auto mean = [&](long double sum) { return static_cast<double>(sum / length); };
  Window window;
  window.began = span_->began;
  window.ended = span_->ended;
  window.received = received_;
  window.under_way = mean(latencies.count() - overhang_.count() + in_vain_.count());
  window.in_vain = mean(in_vain_.count());
  window.connected = mean(connected_.count());
  return window;
}

}  // namespace wsbench::store
