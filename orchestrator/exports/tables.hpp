#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/exports/event_rows.hpp"
#include "orchestrator/exports/sink.hpp"
#include "store/run/run.hpp"
#include "store/read/timeline.hpp"

// The four tables of wsdemo_bench. As CSV, with one line of names, quoted where RFC 4180 asks for it:
//
//   counts             type,clients,handshakes,connection_timeouts,messages_sent,messages_recv,crashes
//   handshake_times    type,timestamp,elapsed
//   message_latencies  type,timestamp,elapsed
//   events             timestamp,type,client_id,event_key,event_data,phase,round
//
// In the first three `type` is the contestant. `counts` has a row for each round: the messages are those that
// were due in the measuring phase, and their echoes; a crash is a client that ended in any other way than
// `completed` and `connection_timeout`. `handshake_times` has the handshakes that were done, and
// `message_latencies` the measured messages that came back, both in the order of their completion over all
// shards; their timestamp is ws_init, or when the message was due.
//
// In `events` `type` is the event's name, and rows are in the order of time:
//
//   type                 client_id  event_key        event_data
//   ws_init, ws_onopen   client
//   send_message         client     sequence number  when it was due
//   recv_message         client     sequence number  "reordered" when a later message's echo came before
//   duplicate_echo,
//   altered_echo         client     sequence number
//   foreign_message      client
//   not_sent             client     why              how many messages
//   ws_onclose, EXIT     client     reason           its status: HTTP status, close code or errno; else 0
//   server                          metric           its value
//   phase_began
//
// `phase` is where in the load the event was recorded, and so `measuring` for exactly those messages that
// `message_latencies` is about; their echoes may come later, in `drain`. `round` counts from 0.
//
// All times are whole microseconds since the Unix epoch, rounded down, and `elapsed` is the difference of two
// such times. So pairing the rows of `events` (same round, client_id and event_key; recv_message less
// event_data of send_message) gives `message_latencies` again, to the digit.
//
// As JSON lines: an object a row, with the columns as keys; what CSV leaves empty is left out.
// As HDR logs (hdr_log.hpp): handshake_times and message_latencies, in nanoseconds.

namespace wsbench::exports {

enum class Table { counts, handshake_times, message_latencies, events };
std::string_view name(Table table) noexcept;
std::optional<Table> parse_table(std::string_view name) noexcept;

struct Format {
  enum class Kind { csv, json_lines, hdr_log };
  Kind kind = Kind::csv;
  bool zstd = false;
  bool operator==(const Format&) const = default;
};
/// "csv", "jsonl.zst": what a file's name ends in.
std::string name(const Format& format);
/// From such a name; also from a file's, by what it ends in. None for any other.
std::optional<Format> parse_format(std::string_view name) noexcept;

/// Whether a table can be had so: there are HDR logs of durations only.
bool has_format(Table table, Format::Kind kind) noexcept;

/// Told how far a scan has come; false asks it to stop, which becomes the error `interrupted`.
using Course = std::function<bool(const store::Reading&)>;

struct Source {
  const store::Run& run;
  std::string_view contestant;
};

/// Writes one table, all rounds, to a sink, uncompressed; finishing the sink is the caller's. Precondition:
/// has_format().
Result<void> write_table(const Source& source, Table table, Format::Kind format, Sink& sink,
                         const Course& course);

/// The events of a filter as rows.
Result<void> write_events(const Source& source, const store::Filter& filter, EventRows& rows,
                          TextWriter& writer, const Course& course);

}  // namespace wsbench::exports
