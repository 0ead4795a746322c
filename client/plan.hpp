#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client/transport/kind.hpp"
#include "client/websocket/target.hpp"

// What a load is to do: plain data, checked by whoever makes it. (Clean in C++17 and C++20.)

namespace wsbench::client {

enum class Mode : std::uint8_t {
  open,    ///< every client sends on its own schedule, whatever comes back
  closed,  ///< a client's next message is due the moment the echo of its last is back
};

enum class Arrivals : std::uint8_t {
  uniform,      ///< every `interval`, each client at its own phase of it
  exponential,  ///< gaps drawn from an exponential distribution with mean `interval`
};

struct Plan {
  Target target;
  std::uint32_t clients = 10000;
  std::uint32_t ramp_per_second = 1000;  ///< connection attempts begun per second, over all shards
  Mode mode = Mode::open;
  Arrivals arrivals = Arrivals::uniform;
  std::chrono::nanoseconds interval =
      std::chrono::seconds{1};       ///< open loop only: mean time between a client's messages
  std::uint32_t payload_bytes = 20;  ///< at least 8: client and sequence number are in it
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds{2};  ///< from ws_init to ws_onopen
  std::chrono::nanoseconds warm_up{0};
  std::chrono::nanoseconds measuring = std::chrono::seconds{600};
  std::chrono::nanoseconds drain_limit =
      std::chrono::seconds{2};  ///< longest wait for echoes after warm-up and after measuring
  std::chrono::nanoseconds close_limit =
      std::chrono::seconds{2};  ///< longest wait for the closing handshakes
  std::vector<std::string>
      source_addresses;     ///< local addresses to connect from, in turn; empty: the system's choice
  std::size_t threads = 1;  ///< shards; clients are dealt to them in turn
  std::vector<int> cpus;    ///< shard i is pinned to cpus[i % size]; empty: not pinned
  transport::Kind transport = transport::Kind::automatic;
  /// Of so many messages one is sampled for how late its echo was read, and all where that would be fewer
  /// than 1,000 in the measuring phase; 0: none.
  std::uint32_t sampled_one_in = 32;
  std::uint64_t seed = 1;   ///< of phases, gaps and payloads
  std::uint16_t round = 0;  ///< copied into every block
};

}  // namespace wsbench::client
