#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// What can happen to a client of a benchmark, as data. Every number in the enums below is written to disk:
// it must never be changed or reused. (Clean in C++17 and C++20.)

namespace wsbench::event {

/// CLOCK_MONOTONIC, anchored once per process to the wall clock: time points are nanoseconds since the Unix
/// epoch, differences are exact monotonic intervals, and later steps of the wall clock do not show.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;

  static time_point now() noexcept;

  /// What CLOCK_MONOTONIC shows at a time.
  static std::chrono::nanoseconds monotonic(time_point time) noexcept;
};
using Time = Clock::time_point;
using Duration = Clock::duration;

enum class Kind : std::uint8_t {
  ws_init = 1,       ///< the client begins to connect
  ws_onopen = 2,     ///< handshake done; pairs with ws_init
  send_message = 3,  ///< value: time - due, in ns (the client's own lag)
  recv_message = 4,  ///< pairs with send_message of the same client and sequence; value: kReordered or 0
  ws_onclose = 5,    ///< the WebSocket ended by a close frame; value: Ending::packed()
  exit = 6,          ///< the client ended in any other way; value: Ending::packed()
  server = 7,        ///< a sample of the server; client: Metric, value: the metric's value
  read_lag = 8,      ///< how late the client's recv_message of this time was read, as ReadLag; of some only
  // What an echo server must not do, and what a load could not.
  duplicate_echo = 9,    ///< one more echo of a message that an echo has come for, right or altered
  altered_echo = 10,     ///< the first echo of a message, with other bytes: the message is lost
  foreign_message = 11,  ///< what the server sent is no echo of any message of this client
  not_sent = 12,         ///< messages that were due while measuring and never sent; value: Unsent::packed()
  phase_began = 13,      ///< the block's phase began at this time, for every shard; client: kNobody
  instrument = 14,       ///< a sample of the load generator; client: the shard, or kNobody: its machine;
                         ///< sequence: Metric, value: the metric's value
};
/// One more than the largest Kind.
constexpr std::size_t kKinds = 15;

/// A set of kinds: bit k stands for Kind k.
using KindSet = std::uint16_t;
static_assert(kKinds <= 16);
constexpr KindSet kAllKinds = 0xFFFF;

/// Whether an event is some client's own.
constexpr bool has_client(Kind kind) noexcept {
  return kind != Kind::server && kind != Kind::phase_began && kind != Kind::instrument;
}

/// The value of a recv_message before which the echo of a later message of the client has come.
constexpr std::uint64_t kReordered = 1;

/// In place of a client where an event has none.
constexpr std::uint32_t kNobody = ~std::uint32_t{0};

/// Where in a contestant's load an event happened. Only messages *due* in `measuring` are counted; their
/// echoes may come in `drain`.
enum class Phase : std::uint8_t { ramp = 1, warm_up = 2, measuring = 3, drain = 4, closing = 5 };

/// Why a client ended.
enum class Reason : std::uint8_t {
  completed = 1,           ///< our close at the end of the load, answered by the server
  normal = 2,              ///< the server closed: an echo server must not
  connection_timeout = 3,  ///< no handshake within the plan's connect timeout
  refused = 4,             ///< ECONNREFUSED
  reset = 5,               ///< ECONNRESET or EPIPE
  handshake_rejected = 6,  ///< an HTTP answer other than 101; status holds it
  protocol_error = 7,      ///< not WebSocket, or against RFC 6455
  echo_mismatch = 8,       ///< an echo whose bytes are not those that were sent: of a probe; in old runs, any
  unexpected_message = 9,  ///< a message that no send waits for: likewise
  end_of_stream = 10,      ///< TCP closed without a close frame
  unreachable = 11,        ///< no route, or the network or host is down
  out_of_ports = 12,       ///< EADDRNOTAVAIL: the client machine's ephemeral ports are used up
  out_of_files = 13,       ///< EMFILE or ENFILE on the client machine
  close_unanswered = 14,   ///< the server did not answer our close: not in time, or it ended TCP instead
  other_error = 15,        ///< any other error of the operating system; status holds errno
  send_queue_full = 16,    ///< the server stopped reading: too much of what was sent to it is still here
  stopped = 17,            ///< the load was stopped before the client's handshake was done
};

/// One more than the largest Reason: the size of a table of counts by reason.
constexpr std::size_t kReasons = 18;

/// How a client ended; fits into an event's value.
struct Ending {
  Reason reason = Reason::completed;
  std::uint16_t status = 0;  ///< HTTP status, WebSocket close code or errno, by reason; else 0

  std::uint64_t packed() const noexcept {
    return static_cast<std::uint64_t>(reason) | (std::uint64_t{status} << 8U);
  }
  static Ending unpack(std::uint64_t value) noexcept {
    return {static_cast<Reason>(value & 0xFFU), static_cast<std::uint16_t>(value >> 8U)};
  }
};

/// Why messages that fell due were never sent.
enum class NotSent : std::uint8_t {
  not_connected = 1,    ///< the client's handshake was never done
  ended = 2,            ///< the client had ended: see its Reason
  stopped = 3,          ///< the load was stopped before they could go
  send_queue_full = 4,  ///< the server does not read: the message at which its client was given up
};
/// One more than the largest NotSent.
constexpr std::size_t kNotSentReasons = 5;

/// Some messages of one client that were not sent; fits into an event's value.
struct Unsent {
  NotSent reason = NotSent::ended;
  std::uint64_t messages = 0;  ///< below 2^56

  std::uint64_t packed() const noexcept { return static_cast<std::uint64_t>(reason) | (messages << 8U); }
  static Unsent unpack(std::uint64_t value) noexcept {
    return {static_cast<NotSent>(value & 0xFFU), value >> 8U};
  }
};

/// How late a read was; fits into an event's value and sequence.
struct ReadLag {
  Duration lag{0};    ///< from when the kernel had the read's last bytes to when they were read
  Duration after{0};  ///< the part of it that came after the event's time and so is in no latency; at most
                      ///< 2^32 - 1 ns are told

  std::uint64_t value() const noexcept { return static_cast<std::uint64_t>(lag.count()); }
  std::uint32_t sequence() const noexcept {
    constexpr Duration::rep kMost = ~std::uint32_t{0};
    return static_cast<std::uint32_t>(after.count() < kMost ? after.count() : kMost);
  }
  static ReadLag unpack(std::uint64_t value, std::uint32_t sequence) noexcept {
    return {Duration(static_cast<Duration::rep>(value)), Duration(sequence)};
  }

  /// The part that is in the latency. Negative when the bytes came after the time that their latency ends at.
  Duration in_latency() const noexcept { return lag - after; }
};

/// What is sampled: by the monitor of a contestant's process tree and the machine that it runs on, by the
/// load generator of its shards' threads and its own machine.
enum class Metric : std::uint8_t {
  rss_bytes = 1,
  pss_bytes = 2,
  cpu_nanoseconds = 3,  ///< user + system of the whole tree, or of the shard's thread, since its start
  threads = 4,
  files = 5,
  connections = 6,  ///< established TCP connections on the contestant's port
  processes = 7,
  pid = 8,                         ///< of the leader, as supervisord tells it
  run_queue_wait_nanoseconds = 9,  ///< added up: that the tree's threads, or the shard's, could have run and
                                   ///< had no CPU
  // Of the machine, over all its CPUs and since it was started.
  machine_steal_nanoseconds = 10,  ///< what its hypervisor gave to others
  machine_cpu_nanoseconds = 11,    ///< all that there was: used, idle and stolen
  // Of a shard.
  wall_clock_step_nanoseconds = 12,  ///< by which the wall clock was set, either way, since it last looked
};

struct Event {
  Time time{};
  std::uint64_t value = 0;
  std::uint32_t client = 0;    ///< 0 .. clients - 1 over all shards
  std::uint32_t sequence = 0;  ///< of a message: 0, 1, 2, ... per client over the whole load
  Kind kind = Kind::ws_init;
};

/// The names used in events.csv and in messages. Unknown numbers give "unknown".
std::string_view name(Kind kind) noexcept;
std::string_view name(Phase phase) noexcept;
std::string_view name(Reason reason) noexcept;
std::string_view name(NotSent reason) noexcept;
std::string_view name(Metric metric) noexcept;

}  // namespace wsbench::event
