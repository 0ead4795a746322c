#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "store/event/event.hpp"

// What the clients of client_bench are compared by. (Clean in C++17 and C++20.)

namespace wsbench::bench {

enum class Loop : std::uint8_t { closed, open };

/// A load against an echo server on loopback: connect all as fast as the server takes them, warm up, measure.
/// Messages have 20 bytes. Open loop: every client sends at the same pace, from a place of its own in the
/// first interval on.
struct Task {
  std::uint16_t port = 0;
  Loop loop = Loop::closed;
  std::uint32_t clients = 100;
  event::Duration interval = std::chrono::seconds{1};  ///< open loop only: between a connection's messages
  double warm_up_seconds = 1;
  double seconds = 5;
  std::uint32_t shards = 1;           ///< wsbench only
  std::uint32_t sampled_one_in = 32;  ///< wsbench only: as in its plan
  int cpu = -1;                       ///< where the client runs; negative: anywhere
};

/// What it cost the client's process, and what the client told of the server. Plain bytes: it goes through a
/// pipe.
struct Cost {
  double handshake_us = 0;   ///< CPU per connection opened
  double kilobytes = 0;      ///< resident, per open connection, beyond the process's base
  double round_trip_us = 0;  ///< CPU per message echoed, all threads
  double kernel_share = 0;   ///< of that CPU time, what was spent in the kernel
  double store_us = 0;       ///< of round_trip_us, what other threads than the loop's took
  double lag_p50_us = 0;     ///< sent - due; open loop only
  double lag_p99_us = 0;
  double latency_p50_us = 0;  ///< received - due
  double latency_p99_us = 0;
  double echoes_per_second = 0;
};

// Each runs a task in this process, which then ends. Throw std::exception when that cannot be done.

/// System calls and nothing else: a histogram, no check, no record.
Cost run_bare_epoll(const Task& task);
/// The same on an io_uring.
Cost run_bare_uring(const Task& task);
/// websocketpp as its manual has it, on its Asio transport; no schedule, so closed loops only.
Cost run_plain_websocketpp(const Task& task);
/// Load with every event in RocksDB. `transport` as in Plan.
Cost run_wsbench(const Task& task, const std::string& transport);

}  // namespace wsbench::bench
