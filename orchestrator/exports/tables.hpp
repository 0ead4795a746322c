#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/exports/event_rows.hpp"
#include "orchestrator/exports/sink.hpp"
#include "store/read/timeline.hpp"
#include "store/run/run.hpp"

// The four tables of wsdemo_bench. As CSV, with one line of names, quoted where RFC 4180 asks for it:
//
//   counts             type,clients,handshakes,connection_timeouts,messages_sent,messages_recv,crashes
//   handshake_times    type,timestamp,elapsed
//   message_latencies  type,timestamp,elapsed
//   events             timestamp,type,client_id,event_key,event_data,phase,round
//
// In the first three tables, `type` is the contestant. `counts` has a row for each round: its messages are
// those that were due in the measuring phase, and their echoes; a crash is a client that ended in any other
// way than `completed` and `connection_timeout`. `handshake_times` has every handshake that was done, and
// `message_latencies` every measured message that came back, both ordered by completion over all shards.
// Their timestamp is when the handshake began, or when the message was due.
//
// In `events`, `type` is the kind of event, and rows are ordered by time:
//
//   type                 client_id  event_key        event_data
//   ws_init, ws_onopen   client
//   send_message         client     sequence number  when it was due
//   recv_message         client     sequence number  `reordered` if a later message's echo came before
//   duplicate_echo,      client     sequence number
//   altered_echo
//   foreign_message      client
//   not_sent             client     reason           how many due messages were not sent
//   ws_onclose, EXIT     client     reason           its status: HTTP status, close code or errno; else 0
//   server                          metric           its value
//   phase_began
//   read_lag             client     ns of it that    ns from when the kernel had an echo to when it was read
//                                   no latency has
//   instrument           shard      metric           its value; without a client_id: of the load machine
//
// `phase` is the phase in which the event was recorded. So `measuring` marks the messages that
// `message_latencies` is about, though an echo may come later, in `drain`. `round` counts from 0.
//
// All times are whole microseconds since the Unix epoch, rounded down, and `elapsed` is the difference of two
// such times. So pairing the rows of `events` (same round, client_id and event_key; recv_message less
// event_data of send_message) gives `message_latencies` to the digit.
//
// As JSON lines, a row is an object with the columns as keys, without those that CSV leaves empty.
// As HDR logs (hdr_log.hpp): handshake_times and message_latencies, in nanoseconds.

namespace wsbench::exports {

enum class Table { counts, handshake_times, message_latencies, events };
std::string_view name(Table table) noexcept;

struct Format {
  enum class Kind { csv, json_lines, hdr_log };
  Kind kind = Kind::csv;
  bool zstd = false;
  bool operator==(const Format&) const = default;
};
/// The end of a file's name: "csv", "jsonl.zst".
std::string name(const Format& format);
/// From such an end, or from a file's whole name. Any other text gives nothing.
std::optional<Format> parse_format(std::string_view name) noexcept;

/// Whether a table exists in a format: only tables of durations do as HDR logs.
bool has_format(Table table, Format::Kind kind) noexcept;

/// Is told how far a scan has come. Returns false to stop it, which gives the error `interrupted`.
using ProgressCallback = std::function<bool(const store::Reading&)>;

/// What is exported: one contestant's part of a run.
struct ContestantEvents {
  const store::Run& run;
  std::string_view contestant;
};

/// Writes one table with all rounds to a sink. The caller finishes the sink. Precondition: has_format().
Result<void> write_table(const ContestantEvents& source, Table table, Format::Kind format, Sink& sink,
                         const ProgressCallback& on_progress);

/// Writes the events that pass a filter as rows.
Result<void> write_events(const ContestantEvents& source, const store::Filter& filter, EventRows& rows,
                          TextWriter& writer, const ProgressCallback& on_progress);

}  // namespace wsbench::exports
