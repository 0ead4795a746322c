#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <string_view>
#include <utility>
#include <vector>

#include "store/read/cursor.hpp"
#include "store/read/timeline.hpp"

namespace wsbench::store {

/// The blocks of one round in the order of their earliest times, over phases and shards. Of a phase, each
/// shard's blocks stay in the order of their recording; the first of the next phase may come before the last
/// of the one before, when what was received earlier was recorded later. Reads only blocks that may hold an
/// event of the filter. Used from one thread; the Run outlives it.
class BlockWalk {
 public:
  static Result<BlockWalk> open(const Run& run, std::string_view contestant, const Filter& filter,
                                std::uint16_t round);

  /// Unpacks the next block into `block`; false behind the last one.
  Result<bool> next(event::Block& block);

  /// No block to come has an event before this; Time::max() behind the last one.
  event::Time horizon() const noexcept;

  const Reading& reading() const noexcept { return reading_; }

 private:
  /// Where the keys ascend in time: one phase of the round.
  struct Stream {
    Cursor cursor;
    std::uint32_t number = 0;
  };
  struct Later {
    bool operator()(const Stream* a, const Stream* b) const noexcept;
  };
  using Home = std::pair<std::uint16_t, std::uint16_t>;  ///< agent, shard

  explicit BlockWalk(const Filter& filter) : filter_(filter) {}
  Result<void> advance(Stream& stream);
  Result<bool> may_hold_wanted(const Cursor& cursor) const;
  void learn_home(const event::Block& block);

  Filter filter_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::priority_queue<Stream*, std::vector<Stream*>, Later> waiting_;
  Reading reading_;
  std::optional<Home> home_;  ///< of the filter's client, once it was met: a client lives in one shard
};

}  // namespace wsbench::store
