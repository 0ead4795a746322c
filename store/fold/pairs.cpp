#include "store/fold/pairs.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "store/fold/matcher.hpp"
#include "store/read/block_walk.hpp"

namespace wsbench::store {

namespace {

using event::Kind;

event::Time completion(const Pair& pair) noexcept {
  return pair.began + pair.elapsed;
}
bool completed_before(const Pair& a, const Pair& b) noexcept {
  return completion(a) < completion(b);
}

event::KindSet halves_of(PairKind kind) {
  const auto bit = [](Kind half) { return 1U << static_cast<unsigned>(half); };
  return static_cast<event::KindSet>(kind == PairKind::handshake
                                         ? bit(Kind::ws_init) | bit(Kind::ws_onopen)
                                         : bit(Kind::send_message) | bit(Kind::recv_message));
}

/// One round. Blocks come by their earliest time, so what was completed before the next one's is final.
class PairMerge {
 public:
  PairMerge(BlockWalk walk, PairKind kind) : walk_(std::move(walk)), kind_(kind) {}

  const Reading& reading() const noexcept { return walk_.reading(); }

  /// False behind the last block.
  Result<bool> feed_next_block() {
    auto read = walk_.next(block_);
    if (!read || !*read) return read;
    found_.clear();
    if (kind_ == PairKind::handshake) {
      find_handshakes();
    } else {
      find_messages();
    }
    if (!std::is_sorted(found_.begin(), found_.end(), completed_before))
      std::stable_sort(found_.begin(), found_.end(), completed_before);
    const auto open = pending_.begin() + static_cast<std::ptrdiff_t>(final_);
    merged_.resize(pending_.size() - final_ + found_.size());
    std::merge(open, pending_.end(), found_.begin(), found_.end(), merged_.begin(), completed_before);
    std::swap(pending_, merged_);
    const event::Time horizon = walk_.horizon();
    const auto later = std::partition_point(pending_.begin(), pending_.end(),
                                            [&](const Pair& pair) { return completion(pair) < horizon; });
    final_ = static_cast<std::size_t>(later - pending_.begin());
    return true;
  }

  /// Valid until the next call of feed_next_block().
  std::span<const Pair> final() const noexcept { return std::span(pending_).first(final_); }

 private:
  void find_handshakes() {
    event::Time began;
    for (std::size_t i = 0; i < block_.size(); ++i) {
      const event::Event event = block_[i];
      if (handshakes_.feed(event, began)) found_.push_back({began, event.client, 0, event.time - began, {}});
    }
  }

  void find_messages() {
    Matches& m = *matches_;
    matcher_.feed(block_, m);
    m.others.clear();
    std::copy_if(m.unmatched.begin(), m.unmatched.end(), std::back_inserter(early_),
                 [](const event::Event& echo) { return echo.kind == Kind::recv_message; });
    m.unmatched.clear();
    for (std::size_t i = 0; i < m.received; ++i) {
      found_.push_back({m.due[i], block_.clients()[m.echo[i]], block_.sequences()[m.echo[i]], m.latency[i],
                        m.latency[i] - m.service_time[i]});
    }
    find_early();
  }

  /// A phase's first block may begin before the last one of the phase before it: then echoes come first.
  void find_early() {
    Unanswered::Message message;
    const auto is_done = [&](const event::Event& echo) {
      if (!matcher_.take(echo, message)) return echo.time < walk_.horizon();  // No send is to come for it.
      if (message.phase == event::Phase::measuring) {
        found_.push_back(
            {message.due, echo.client, echo.sequence, echo.time - message.due, message.sent - message.due});
      }
      return true;
    };
    early_.erase(std::remove_if(early_.begin(), early_.end(), is_done), early_.end());
  }

  BlockWalk walk_;
  const PairKind kind_;
  event::Block block_;
  Matcher matcher_;
  HandshakeMatcher handshakes_;
  std::unique_ptr<Matches> matches_ = std::make_unique<Matches>();
  std::vector<event::Event> early_;             ///< echoes whose messages are in blocks to come, if anywhere
  std::vector<Pair> found_, pending_, merged_;  ///< the latter two by completion
  std::size_t final_ = 0;                       ///< of pending_: no later block has any before these
};

}  // namespace

Result<Reading> scan_pairs(const Run& run, std::string_view contestant, PairKind kind,
                           const std::function<bool(const PairStretch&)>& visit) {
  const auto rounds = rounds_of(run, contestant);
  if (!rounds) return tl::unexpected(rounds.error());
  Filter filter;
  filter.kinds = halves_of(kind);
  Reading before;
  for (const std::uint16_t round : *rounds) {
    auto walk = BlockWalk::open(run, contestant, filter, round);
    if (!walk) return tl::unexpected(walk.error());
    PairMerge merge(std::move(*walk), kind);
    for (;;) {
      const auto fed = merge.feed_next_block();
      if (!fed) return tl::unexpected(fed.error());
      const Reading reading{before.found + merge.reading().found, before.unpacked + merge.reading().unpacked};
      if (!*fed) {
        before = reading;
        break;
      }
      if (!visit({merge.final(), reading})) return reading;
    }
  }
  return before;
}

}  // namespace wsbench::store
