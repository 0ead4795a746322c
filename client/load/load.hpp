#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "client/plan.hpp"
#include "store/event/event.hpp"
#include "store/event/histogram.hpp"
#include "store/event/sink.hpp"

namespace wsbench::client {

/// Why a load could not begin at all: bad source address, host that does not resolve, no thread to be had.
struct Error {
  std::string message;
};

/// How far a load is, over all shards. Counts are since the load began, unless they say otherwise.
struct Snapshot {
  event::Phase phase = event::Phase::ramp;
  event::Time phase_began{};
  std::uint32_t attempted = 0;    ///< clients that began to connect
  std::uint32_t established = 0;  ///< clients whose handshake was done, open or not by now
  std::uint32_t open = 0;         ///< clients that are open now, or closing
  std::array<std::uint32_t, event::kReasons> ended{};  ///< clients that ended, by event::Reason
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t measured_sent = 0;      ///< messages due in the measuring phase that were sent
  std::uint64_t measured_received = 0;  ///< their echoes
  event::Histogram latency;             ///< received - due, of measured messages
  event::Histogram lag;                 ///< sent - due, of measured messages
};

/// What one shard's thread cost in the measuring phase, and how near to its limit it was.
struct ShardUse {
  std::chrono::nanoseconds cpu{0};   ///< thread CPU time (user + system)
  std::chrono::nanoseconds wall{0};  ///< of the measuring phase
  std::optional<std::chrono::nanoseconds>
      run_queue_wait;  ///< for a CPU that others had; none where the kernel does not tell
};

struct Summary {
  Snapshot totals;
  event::Time began{};            ///< first ws_init
  event::Time measuring_began{};  ///< 0 when the load ended before
  event::Time measuring_ended{};  ///< the last time a message could fall due
  event::Time ended{};
  std::uint64_t backlog_at_start = 0;  ///< warm-up messages still unanswered when measuring began
  std::uint64_t lost_events = 0;       ///< events that the sink had no block for: the run is invalid unless 0
  std::vector<ShardUse> shards;
  transport::Kind transport = transport::Kind::automatic;  ///< the one that it ran on, never `automatic`
  bool stopped_early = false;                              ///< by stop(), or because no client was left open
};

/// One load against one server: ramp, warm-up, measuring, drain, close. A shard per thread, which owns its
/// event loop, connections, random numbers and event block; shards share nothing and are reached only by
/// posting to their loop. The methods may be called from any thread. The sink must outlive the Load.
class Load {
 public:
  /// Resolves the target, starts the shards and returns; the ramp has begun.
  static tl::expected<std::unique_ptr<Load>, Error> start(const Plan& plan, event::Sink& sink);

  /// Stops and waits if that has not been done.
  ~Load();

  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// An immutable copy of the shards' latest figures, about 100 ms old at most. No shard ever waits for it:
  /// each publishes its figures ten times a second, read or not (some 30 us of copying while measuring).
  Snapshot snapshot() const;

  /// Ends the load early: no more sends, clients are closed cleanly within close_limit, blocks are submitted.
  void stop() noexcept;

  /// True once every shard has ended (wait() then returns at once).
  bool finished() const noexcept;

  /// Waits up to `limit` for the end; true when it has come.
  bool wait_for(std::chrono::nanoseconds limit);

  /// Waits for the end and tells what it was. Every block has been submitted by then.
  Summary wait();

 private:
  class Impl;
  explicit Load(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsbench::client
