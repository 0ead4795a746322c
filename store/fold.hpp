#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "store/event/event.hpp"
#include "store/run.hpp"

namespace wsbench::store {

/// Exact order statistics of durations, of which some never ended (lost messages). A lost one counts as
/// longer than all others.
class Distribution {
 public:
  Distribution() = default;
  /// Takes the values in any order.
  Distribution(std::vector<event::Duration> values, std::uint64_t censored);

  std::uint64_t count() const noexcept { return values_.size(); }  ///< of those that ended
  std::uint64_t censored() const noexcept { return censored_; }
  bool empty() const noexcept { return values_.empty(); }

  /// The smallest value that at least a share q of all, the censored among them, do not exceed (nearest
  /// rank). None when there are no values, or when that rank falls among the censored.
  std::optional<event::Duration> quantile(double q) const noexcept;
  std::optional<event::Duration> min() const noexcept;
  std::optional<event::Duration> max() const noexcept;   ///< of those that ended
  std::optional<event::Duration> mean() const noexcept;  ///< of those that ended

  const std::vector<event::Duration>& sorted() const noexcept { return values_; }

 private:
  std::vector<event::Duration> values_;
  std::uint64_t censored_ = 0;
};

/// What happened in one second of the measuring phase, counted from the earliest due time of its messages. A
/// message belongs to the second that it was due in. Every second up to the latest due time is there, idle
/// ones too; echoes that arrived later (in the drain) are in none.
struct Second {
  std::uint32_t index = 0;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;                               ///< measured echoes that arrived in this second
  std::optional<event::Duration> latency_p50, latency_p99;  ///< of messages due in this second that came back
};

/// One sample of the server.
struct ServerSample {
  event::Time time{};
  std::map<event::Metric, std::uint64_t> values;
};

/// A handshake, or a message and its echo: a row of handshake_times.csv or message_latencies.csv.
struct Pair {
  event::Time began{};  ///< ws_init, or the message's due time
  std::uint32_t client = 0;
  std::uint32_t sequence = 0;  ///< 0 for a handshake
  event::Duration elapsed{};   ///< to ws_onopen; from due to recv_message
  event::Duration lag{};       ///< sent - due; 0 for a handshake
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

/// Reads every event of the round once. A message is measured when its send was recorded in the measuring
/// phase, wherever its echo was; an echo that no send waits for, such as the second one of a message, counts
/// only among the events. Takes 24 bytes of memory per measured message and, while it works, 8 more. All zero
/// when the contestant has no events in the round. Errors as scan_blocks().
Result<Statistics> fold(const Run& run, std::string_view contestant, std::uint16_t round);

/// Calls back for each handshake that was done, and for each measured message that came back, in the order of
/// their completion within a shard. Messages of the warm-up are left out.
Result<void> for_each_handshake(const Run& run, std::string_view contestant, std::uint16_t round,
                                const std::function<void(const Pair&)>& visit);
Result<void> for_each_message(const Run& run, std::string_view contestant, std::uint16_t round,
                              const std::function<void(const Pair&)>& visit);

}  // namespace wsbench::store
