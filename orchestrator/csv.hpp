#pragma once

#include <filesystem>
#include <string_view>

#include "store/run.hpp"

// The four tables of wsdemo_bench, comma-separated with one line of names, quoted where RFC 4180 asks for it:
//
//   counts.csv             type,clients,handshakes,connection_timeouts,messages_sent,messages_recv,crashes
//   handshake_times.csv    type,timestamp,elapsed
//   message_latencies.csv  type,timestamp,elapsed
//   events.csv             timestamp,type,client_id,event_key,event_data,phase,round
//
// In the first three `type` is the contestant. counts.csv has a line for each round: the messages are those
// that were due in the measuring phase, and their echoes; a crash is a client that ended in any other way
// than `completed` and `connection_timeout`. handshake_times.csv has the handshakes that were done, and
// message_latencies.csv the measured messages that came back; their timestamp is ws_init, or when the message
// was due.
//
// In events.csv `type` is the event's name, and rows are in the order of time:
//
//   type                 client_id  event_key        event_data
//   ws_init, ws_onopen   client
//   send_message         client     sequence number  when it was due
//   recv_message         client     sequence number
//   ws_onclose, EXIT     client     reason           its status: HTTP status, close code or errno; else 0
//   server                          metric           its value
//
// `phase` is where in the load the event was recorded, and so `measuring` for exactly those messages that
// message_latencies.csv is about; their echoes may come later, in `drain`. `round` counts from 0.
//
// All times are whole microseconds since the Unix epoch, rounded down, and `elapsed` is the difference of two
// such times. So pairing the rows of events.csv (same round, client_id and event_key; recv_message less
// event_data of send_message) gives message_latencies.csv again, to the digit.

namespace wsbench::orchestrator {

/// Both write the tables of one contestant, all its rounds, into `<out>/<contestant>/`, which is made if need
/// be; tables that are there already are replaced, each once its successor is whole. Errors: those of the
/// store's readers, and io for the disk that is written to.

/// counts.csv, handshake_times.csv and message_latencies.csv.
store::Result<void> write_statistics(const store::Run& run, std::string_view contestant,
                                     const std::filesystem::path& out);

/// events.csv.
store::Result<void> write_events(const store::Run& run, std::string_view contestant,
                                 const std::filesystem::path& out);

}  // namespace wsbench::orchestrator
