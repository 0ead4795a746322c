#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "client/plan.hpp"
#include "client/websocket/random.hpp"
#include "store/event/event.hpp"

namespace wsbench::client {

/// When each client's messages fall due. Due times follow from the schedule alone, never from when something
/// was sent, so that a late message does not move those after it, and none is left out.
///
/// Open loop: a client's first message is due at a random place of the first interval, each further one an
/// interval later (uniform), or all gaps are drawn from an exponential distribution (exponential). Closed
/// loop: only the first message is scheduled, within the first 10 ms, so that the clients do not begin as
/// one; the next is due when the echo is back. What a client does depends on the seed and its number, not on
/// the shards.
///
/// What falls due for a client that cannot send is counted in the end, so that it costs nothing while there
/// is something to measure. Used from one thread.
class Schedule {
 public:
  explicit Schedule(const Plan& plan) noexcept;

  struct Sender {
    std::uint32_t slot;    ///< the shard's own number for the client
    std::uint32_t client;  ///< over all shards
  };
  struct Entry {
    event::Time due;
    Sender sender;
  };

  /// Forgets what was left, and gives each client its first due time in a phase that begins at `begin`.
  /// `phase` tells phases apart. The `absent` ones have a schedule and do not send.
  void start(const std::vector<Sender>& senders, const std::vector<Sender>& absent, event::Time begin,
             event::Phase phase);

  bool empty() const noexcept { return queued_ == 0 && heap_.empty(); }

  /// The entry that is due first. Precondition: !empty().
  const Entry& next() const noexcept { return heap_.empty() ? queue_[first_] : heap_.front().entry; }

  /// The one that is due `places` after next(), as far as that is known without a search; else null.
  const Entry* upcoming(std::size_t places) const noexcept {
    return places < queued_ ? &queue_[(first_ + places) % queue_.size()] : nullptr;
  }

  /// Takes the first entry off, and puts the client's next one in unless it is due at `end` or later.
  void advance(event::Time end);

  /// Takes the first entry off: its client has ended, and joins the absent.
  void drop();

  /// Tells each client for which something fell due before `end` that was not sent, and how much: all that is
  /// left of the senders, and all of the absent. Takes as long as there are such, with exponential gaps as
  /// there are such messages.
  void count_unsent(event::Time end, const std::function<void(Sender, std::uint64_t)>& tell) const;

 private:
  struct Item {
    Entry entry;
    Random random;  ///< exponential gaps only
  };
  struct Later {
    bool operator()(const Item& a, const Item& b) const noexcept { return a.entry.due > b.entry.due; }
  };

  bool draws_gaps() const noexcept { return mode_ == Mode::open && arrivals_ == Arrivals::exponential; }
  event::Duration gap(Random& random) const noexcept;
  Item first_of(Sender sender, event::Time begin, event::Phase phase) const noexcept;
  Item take_first() noexcept;
  Entry take_queued() noexcept;
  std::uint64_t count_until(event::Time end, Item item) const noexcept;

  Mode mode_;
  Arrivals arrivals_;
  event::Duration interval_;
  std::uint64_t seed_;
  // One of the two is empty. Where all gaps are the same, what is due first is due first again after them.
  std::vector<Entry> queue_;  ///< a ring: `queued_` entries from `first_` on, by due time
  std::size_t first_ = 0;
  std::size_t queued_ = 0;
  std::vector<Item> heap_;
  std::vector<Item> absent_;
};

}  // namespace wsbench::client
