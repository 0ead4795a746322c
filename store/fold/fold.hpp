#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "store/event/event.hpp"
#include "store/fold/distribution.hpp"
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

/// The measuring phase as a window of time. What lies in it only in part counts by that part.
struct Window {
  event::Time began{};
  event::Time ended{};
  std::uint64_t received =
      0;  ///< echoes that came in it, those of the warm-up's messages too: what was served
  // Means over the window:
  double under_way = 0;  ///< measured messages that were due and neither answered nor given up
  double in_vain = 0;    ///< of these, the ones that no echo, or an altered one, ever came for
  double connected = 0;  ///< clients
};

/// One sample of the server.
struct ServerSample {
  event::Time time{};
  std::map<event::Metric, std::uint64_t> values;
};

/// One sample of the load generator's own.
struct InstrumentSample {
  event::Time time{};
  std::uint32_t shard = 0;  ///< or event::kNobody: the load machine
  std::map<event::Metric, std::uint64_t> values;
};

/// What one contestant's round came to, from its stored events alone.
struct Statistics {
  std::uint64_t attempted = 0;    ///< ws_init
  std::uint64_t established = 0;  ///< ws_onopen
  std::array<std::uint64_t, event::kReasons>
      ended{};            ///< clients that ended, by event::Reason; unknown reasons at 0
  std::uint64_t due = 0;  ///< messages that fell due in the measuring phase: sent and not sent
  std::array<std::uint64_t, event::kNotSentReasons> not_sent{};  ///< by event::NotSent; unknown reasons at 0
  std::uint64_t sent = 0;
  std::uint64_t received = 0;    ///< their echoes
  std::uint64_t lost = 0;        ///< sent - received
  std::uint64_t reordered = 0;   ///< of the received, those that came after the echo of a later message
  std::uint64_t altered = 0;     ///< of the lost, those whose echo came with other bytes
  std::uint64_t duplicated = 0;  ///< further echoes that came from the measuring phase's begin on
  std::uint64_t foreign = 0;     ///< what came from then on and was no echo at all
  /// Clients that were connected to the end of the drain and had by then waited for an echo for longer than
  /// stuck_after. In a closed loop each of them has not sent ever since.
  std::uint64_t stuck = 0;
  event::Duration stuck_after{0};
  std::uint64_t warm_up_sent = 0;
  std::uint64_t warm_up_received = 0;
  std::uint64_t events = 0;       ///< all that are stored, of every phase
  event::Time measuring_first{};  ///< first and last due time of a measured message
  event::Time measuring_last{};
  std::optional<Window> window;  ///< none when the round was cut short before the end of its measuring phase
  Distribution handshake;        ///< those that were begun and never done are its censored values
  Distribution latency;          ///< received - due; the lost were waited for to the end of the drain
  Distribution service_time;     ///< received - sent; likewise
  Distribution lag;              ///< sent - due
  std::vector<Second> seconds;
  /// Of the echoes that were sampled in the measuring phase and its drain, from when the kernel had them to
  /// when they were read. Empty in runs of before it was measured.
  Distribution read_lag;
  Distribution read_lag_in_latency;  ///< the part that is in their latency; below 0 as event::ReadLag has it
  /// The wall clock was set meanwhile, by which the kernel stamps: both are empty, for nothing that was
  /// sampled is sure.
  bool wall_clock_stepped = false;
  std::vector<ServerSample> samples;         ///< in the order of time
  std::vector<InstrumentSample> instrument;  ///< likewise
};

struct FoldOptions {
  unsigned threads = 0;      ///< 0: as many as there are CPUs, at most 12
  std::size_t blocks = 256;  ///< that a thread takes at a time
};

/// A client counts as stuck when no echo has come for so long, ...
constexpr event::Duration kStuck = std::chrono::seconds{1};
/// ... and for so many times the 99th percentile of the latencies that there were: a server that is slow with
/// everybody is slow, and has not left anybody waiting.
constexpr int kStuckTimesP99 = 10;

/// Reads every event of the round: once, or twice when a message was due before all those of the measuring
/// phase's first 50 ms. A message is measured when its send was recorded in the measuring phase, wherever its
/// echo was; an echo that no send waits for counts only among the events. What is found depends neither on
/// the threads nor on the blocks. All zero when the contestant has no events in the round. Errors as
/// scan_blocks(); also corruption when messages were due over more than a year.
Result<Statistics> fold(const Run& run, std::string_view contestant, std::uint16_t round,
                        const FoldOptions& options = {});

}  // namespace wsbench::store
