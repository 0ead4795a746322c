#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "client/load/load.hpp"
#include "client/probe/probe.hpp"
#include "orchestrator/results/turn.hpp"
#include "store/fold/fold.hpp"

// What a suite found out: plain data, the one hub that every output (table, csv, json) is made from.

namespace wsbench::results {

using Nanoseconds = std::chrono::nanoseconds;

/// Of one execution; absent where there are no values, or where the rank falls among lost messages. So mean
/// and max are absent when any was lost.
struct Quantiles {
  std::uint64_t count = 0;
  std::uint64_t lost = 0;  ///< censored values: they count as longer than all others
  std::optional<Nanoseconds> min, mean, p50, p90, p95, p99, p999, max;
  /// Of all, each lost one as long as it was waited for (to the end of the drain): the mean is at least that,
  /// and is that when none was lost.
  std::optional<Nanoseconds> mean_at_least{};
  /// False where there were too many values to keep: the quantiles are then upper bounds, at most 0.1 %
  /// above.
  bool exact = true;
};

/// A sanity rule that a result must keep to be trusted (METHODOLOGY: Little's law, client's lag, ...).
struct Gate {
  std::string name;
  bool passed = true;
  std::string detail;  ///< the figures that it was judged by
};

/// What the server's machine showed of the contestant's process tree in the measuring phase.
struct ServerUse {
  std::uint64_t samples = 0;
  std::uint64_t rss_peak_bytes = 0;
  std::uint64_t pss_peak_bytes = 0;  ///< 0 where it was not sampled
  double cpu_share = 0;              ///< CPU seconds a second: 1.0 is one core
  std::uint64_t threads = 0, processes = 0, files = 0, connections = 0;  ///< largest
};

struct Second {
  std::uint32_t index = 0;
  std::uint64_t sent = 0, received = 0;
  std::optional<Nanoseconds> latency_p50, latency_p99;
};

/// One contestant in one round.
struct RoundResult {
  std::string contestant;
  std::uint16_t round = 0;
  TurnState state = TurnState::pending;
  std::optional<Failure> failure;
  std::string package_hint;  ///< state not_installed: what to install

  std::uint64_t requested = 0, attempted = 0, established = 0;
  std::array<std::uint64_t, event::kReasons> ended{};  ///< by event::Reason
  // Measured messages, each in exactly one figure: due = sent + not_sent, sent = received + lost.
  std::uint64_t due = 0;
  std::array<std::uint64_t, event::kNotSentReasons> not_sent{};  ///< by event::NotSent
  std::uint64_t sent = 0, received = 0, lost = 0;
  std::uint64_t reordered = 0;   ///< of the received, those that came after the echo of a later message
  std::uint64_t altered = 0;     ///< of the lost, those whose echo came with other bytes
  std::uint64_t duplicated = 0;  ///< echoes of messages that one had come for
  std::uint64_t foreign = 0;     ///< messages that were no echo at all
  std::uint64_t backlog_at_start = 0;
  Nanoseconds measured{0};  ///< length of the measuring phase
  double message_rate = 0;  ///< echoes a second that came in the measuring phase, not those of the drain
  double messages_under_way = 0;  ///< mean over the measuring phase
  double clients_connected = 0;   ///< likewise
  // Closed loop only, as there a client that is not answered sends nothing more:
  std::optional<std::uint64_t> stuck_clients;  ///< connected, and no echo for longer than stuck_after
  Nanoseconds stuck_after{0};
  std::optional<double> waiting_share;  ///< of the clients' time, what they waited for echoes that never came
  Quantiles latency;                    ///< from due
  Quantiles service_time;               ///< from sent
  Quantiles lag;                        ///< sent - due: the client's own
  Quantiles handshake;
  std::vector<Second> seconds;
  std::optional<ServerUse> server;

  // Of a sample of the echoes, from when the kernel had them to when the client read them.
  Quantiles read_lag;
  Quantiles read_lag_in_latency;    ///< the part that is in their latency
  bool wall_clock_stepped = false;  ///< so that there are no read lags to be had

  /// Of the shard that waited longest for a core which others had: 1.0 is all the time. None where the kernel
  /// does not tell.
  std::optional<double> client_run_queue_share;
  double client_cpu_share = 0;  ///< of the busiest shard: 1.0 is a whole core
  double stolen_cpu_share = 0;  ///< of the load machine's CPU time, what its hypervisor gave to others
  std::string transport;        ///< of the client: client::transport::name()
  std::uint64_t events = 0, event_bytes = 0, lost_events = 0;

  std::vector<client::Check> conformance;
  std::vector<Gate> gates;

  event::Time began{};
  Nanoseconds own_start{0};    ///< from startProcess to the first echo; 0 of a server that was up already
  Nanoseconds supervisord{0};  ///< supervisord's stopping of it
  Nanoseconds load{0};         ///< ramp, warm-up and measuring
  Nanoseconds dead_time{0};    ///< the turn's length less the three above

  bool measured_at_all() const noexcept { return sent > 0; }
  std::uint64_t unsent() const noexcept { return due - sent; }
  std::uint64_t unsent_by(event::NotSent reason) const noexcept {
    return not_sent[static_cast<std::size_t>(reason)];
  }
  /// Completed, and every gate passed.
  bool valid() const noexcept;
  /// "client_punctual (client's lag p99 30 ms, ...)" of each gate that was missed.
  std::vector<std::string> missed_gates() const;
  /// Clients that were connected until the load's own end.
  std::uint64_t stayed() const noexcept {
    return ended_by(event::Reason::completed) + ended_by(event::Reason::close_unanswered);
  }
  std::uint64_t ended_by(event::Reason reason) const noexcept {
    return ended[static_cast<std::size_t>(reason)];
  }
};

/// A contestant over all its rounds.
struct ContestantResult {
  std::string name;
  std::string language, platform, version;  ///< of the contestant's manifest; empty where it has none
  std::vector<RoundResult> rounds;
};

/// Fills in what the stored events tell.
void set_statistics(RoundResult& result, const store::Statistics& statistics, client::Mode mode);

Quantiles quantiles_of(const store::Distribution& distribution);

/// "completed: p50 83 us, p99 210 us, 100 of 100 clients, 0 of 5,000 messages lost"; "failed: died: it ended
/// under load".
std::string outcome(const RoundResult& result);

/// The form in which a round is kept in the run's database and shown in results.json (durations in ns, absent
/// ones null).
nlohmann::json to_json(const RoundResult& result);
/// Throws nlohmann::json::exception when the document has another shape.
RoundResult round_result_from_json(const nlohmann::json& document);

}  // namespace wsbench::results
