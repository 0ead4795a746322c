#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "store/fold/distribution.hpp"
#include "store/event/event.hpp"
#include "store/run/run.hpp"

namespace wsbench::store {

/// What happened in one second of the measuring phase, counted from the earliest due time of its messages. A
/// message belongs to the second that it was due in. Every second up to the latest due time is there, idle
/// ones too; echoes that arrived later (in the drain) are in none.
struct Second {
  std::uint32_t index = 0;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;  ///< measured echoes that arrived in this second
  /// Of messages due in this second that came back: the upper bounds of event::Histogram's buckets, at most
  /// 0.1 % above.
  std::optional<event::Duration> latency_p50, latency_p99;
};

/// One sample of the server.
struct ServerSample {
  event::Time time{};
  std::map<event::Metric, std::uint64_t> values;
};

/// What one contestant's round came to, from its stored events alone.
struct Statistics {
  std::uint64_t attempted = 0;    ///< ws_init
  std::uint64_t established = 0;  ///< ws_onopen
  std::array<std::uint64_t, event::kReasons>
      ended{};                 ///< clients that ended, by event::Reason; unknown reasons at 0
  std::uint64_t sent = 0;      ///< messages due in the measuring phase
  std::uint64_t received = 0;  ///< their echoes
  std::uint64_t lost = 0;      ///< sent - received
  std::uint64_t warm_up_sent = 0;
  std::uint64_t warm_up_received = 0;
  std::uint64_t events = 0;       ///< all that are stored, of every phase
  event::Time measuring_first{};  ///< first and last due time of a measured message
  event::Time measuring_last{};
  Distribution handshake;     ///< those that were begun and never done are its censored values
  Distribution latency;       ///< received - due; lost messages are its censored values
  Distribution service_time;  ///< received - sent; likewise
  Distribution lag;           ///< sent - due
  std::vector<Second> seconds;
  std::vector<ServerSample> samples;  ///< in the order of time
};

struct FoldOptions {
  unsigned threads = 0;      ///< 0: as many as there are CPUs, at most 12
  std::size_t blocks = 256;  ///< that a thread takes at a time
};

/// Reads every event of the round: once, or twice when a message was due before all those of the measuring
/// phase's first 50 ms. A message is measured when its send was recorded in the measuring phase, wherever its
/// echo was; an echo that no send waits for, such as the second one of a message, counts only among the
/// events. What is found depends neither on the threads nor on the blocks. All zero when the contestant has
/// no events in the round. Errors as scan_blocks(); also corruption when messages were due over more than a
/// year.
Result<Statistics> fold(const Run& run, std::string_view contestant, std::uint16_t round,
                        const FoldOptions& options = {});

}  // namespace wsbench::store
