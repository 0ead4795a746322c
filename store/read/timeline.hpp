#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "store/event/block.hpp"
#include "store/read/reader.hpp"

// A contestant's events in the order of time, in stretches: what the tables of events are made from, and
// what a query reads.

namespace wsbench::store {

/// Which events to read.
struct Filter {
  Selection where;
  std::optional<std::uint32_t> client;  ///< its own events only: no samples of the server, no phases
  event::KindSet kinds = event::kAllKinds;

  bool takes(event::Kind kind) const noexcept {
    return (unsigned{kinds} >> static_cast<unsigned>(kind) & 1U) != 0;
  }
};

/// What a scan came by: blocks whose header was looked at, and of these the ones that were unpacked.
struct Reading {
  std::uint64_t found = 0;
  std::uint64_t unpacked = 0;
};

/// An event where it lies: `block` is unpacked until the visitor of its stretch returns.
struct Placed {
  event::Time time{};
  const event::Block* block = nullptr;
  std::uint32_t index = 0;
};

/// Some thousand events of one round in the order of time; later stretches hold later ones. Empty where the
/// filter takes nothing of what was read: so that the visitor can tell progress, and stop.
struct Stretch {
  std::span<const Placed> events;
  Reading reading;  ///< so far
};

/// Every event of the filter, in the order of time; of the same time, by the earliest times of their blocks,
/// then phase, then in the order of recording. Rounds come one after the other. Holds only the blocks whose
/// times overlap. `visit` returns false to stop early. Blocks without an event of the filter are not
/// unpacked: whether they have one is told by time, by the kinds in their header, and, once the client has
/// been met, by its shard. Errors as scan_blocks().
Result<Reading> scan_timeline(const Run& run, std::string_view contestant, const Filter& filter,
                              const std::function<bool(const Stretch&)>& visit);

/// About how many blocks a contestant has, told without reading them: for a progress bar. 0 when it has none,
/// or is unknown.
std::uint64_t estimate_blocks(const Run& run, std::string_view contestant);

/// When a round's measuring phase began, or its first phase if it has none: the earliest time in that phase's
/// blocks. None when the round has no events. Errors as scan_blocks().
Result<std::optional<event::Time>> measuring_began(const Run& run, std::string_view contestant,
                                                   std::uint16_t round);

/// The rounds in which a contestant has events, ascending; `only` leaves all others out. Errors as
/// scan_blocks().
Result<std::vector<std::uint16_t>> rounds_of(const Run& run, std::string_view contestant,
                                             std::optional<std::uint16_t> only = {});

}  // namespace wsbench::store
