#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "store/event/block.hpp"
#include "store/run/run.hpp"

namespace wsbench::store {

/// Which events to read; absent: all.
struct Selection {
  std::optional<std::uint16_t> round;
  std::optional<event::Phase> phase;
  std::optional<event::Time> from;  ///< inclusive
  std::optional<event::Time> to;    ///< exclusive
};

/// Calls `visit` for each block with an event in the selection, in the order of their keys (round, phase,
/// earliest time, agent, shard, number); blocks outside are not read. A block may hold events outside [from,
/// to): the visitor looks. `visit` returns false to stop early. Errors: not_found (contestant), corruption
/// and version (by the block's key).
Result<void> scan_blocks(const Run& run, std::string_view contestant, const Selection& selection,
                         const std::function<bool(const event::Block&)>& visit);

}  // namespace wsbench::store
