#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "store/event/block.hpp"

// Loads as a load generator would record them, made up from a seed: for tests and benchmarks of the store.

namespace wsbench::loads {

/// When the first load begins.
inline const event::Time kBegin{std::chrono::seconds{1'795'000'000}};

struct Load {
  std::uint32_t clients = 1000;
  event::Duration interval = std::chrono::seconds{1};           ///< open loop only
  event::Duration length = std::chrono::seconds{3};             ///< of the sending
  event::Duration latency = std::chrono::microseconds{150};     ///< the middle of a log-normal distribution
  event::Duration service_time = std::chrono::microseconds{8};  ///< closed loop only: the server's, a message
  event::Duration start{0};                                     ///< after kBegin
  std::uint32_t first_sequence = 0;
  std::uint64_t seed = 1;
};

/// Every client sends once an interval, at a place of its own in it and some microseconds late; echoes come
/// back whenever they do. All in the order of time, the echoes of the last sends included.
std::vector<event::Event> open_loop(const Load& load);

/// Every client sends when its echo is back; one server answers one after the other.
std::vector<event::Event> closed_loop(const Load& load);

/// The events in blocks as a shard fills them; `info.number` counts up from the given one.
std::vector<std::unique_ptr<event::Block>> blocks_of(const std::vector<event::Event>& events,
                                                     event::BlockInfo info);

}  // namespace wsbench::loads
