#include "orchestrator/csv.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <numeric>
#include <set>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "orchestrator/output_file.hpp"
#include "store/fold.hpp"
#include "store/reader.hpp"

namespace wsbench::orchestrator {

namespace {

using event::Kind;
using event::Reason;
using store::Result;
using Rounds = std::set<std::uint16_t>;

std::int64_t microseconds(event::Time time) {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}

/// A field as RFC 4180 writes it.
std::string field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

/// client_id, event_key and event_data, each with the comma before it.
void write_details(const event::Event& event, OutputFile& file) {
  file.character(',');
  if (event.kind != Kind::server) file.number(event.client);
  file.character(',');
  switch (event.kind) {
    case Kind::ws_init:
    case Kind::ws_onopen:
      file.character(',');
      break;
    case Kind::send_message: {
      const event::Duration lag(static_cast<event::Duration::rep>(event.value));
      file.number(event.sequence);
      file.character(',');
      file.number(microseconds(event.time - lag));
      break;
    }
    case Kind::recv_message:
      file.number(event.sequence);
      file.character(',');
      break;
    case Kind::ws_onclose:
    case Kind::exit: {
      const auto ending = event::Ending::unpack(event.value);
      file.text(name(ending.reason));
      file.character(',');
      file.number(ending.status);
      break;
    }
    case Kind::server:
      file.text(name(static_cast<event::Metric>(event.client)));
      file.character(',');
      file.number(event.value);
      break;
  }
}

/// The rounds that have events: every load begins with a ramp.
Result<Rounds> rounds_of(const store::Run& run, std::string_view contestant) {
  Rounds rounds;
  const auto read =
      store::scan_blocks(run, contestant, {{}, event::Phase::ramp, {}, {}}, [&](const event::Block& block) {
        rounds.insert(block.info.round);
        return true;
      });
  if (!read) return tl::unexpected(read.error());
  return rounds;
}

/// The contestant's own directory in `out`; one that the run does not know is told before anything is made
/// for it.
Result<std::filesystem::path> make_directory(const store::Run& run, std::string_view contestant,
                                             const std::filesystem::path& out) {
  const auto known = store::scan_blocks(run, contestant, {}, [](const event::Block&) { return false; });
  if (!known) return tl::unexpected(known.error());
  auto directory = out / contestant;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return tl::unexpected(store::Error{
        store::Error::Kind::io, fmt::format("{} cannot be made: {}", directory.string(), error.message())});
  }
  return directory;
}

using ForEachPair = Result<void> (*)(const store::Run&, std::string_view, std::uint16_t,
                                     const std::function<void(const store::Pair&)>&);

/// handshake_times.csv or message_latencies.csv.
Result<void> write_pairs(const store::Run& run, std::string_view contestant, const Rounds& rounds,
                         ForEachPair for_each, const std::filesystem::path& path) {
  auto file = OutputFile::create(path);
  if (!file) return tl::unexpected(file.error());
  file->text("type,timestamp,elapsed\n");
  const std::string type = field(contestant) + ",";
  const auto visit = [&](const store::Pair& pair) {
    const std::int64_t began = microseconds(pair.began);
    file->text(type);
    file->number(began);
    file->character(',');
    file->number(microseconds(pair.began + pair.elapsed) - began);
    file->character('\n');
  };
  for (const std::uint16_t round : rounds) {
    if (const auto read = for_each(run, contestant, round, visit); !read) return read;
  }
  return file->finish();
}

std::uint64_t crashes(const store::Statistics& statistics) {
  const auto& ended = statistics.ended;
  const auto all = std::accumulate(ended.begin(), ended.end(), std::uint64_t{0});
  return all - ended[static_cast<std::size_t>(Reason::completed)] -
         ended[static_cast<std::size_t>(Reason::connection_timeout)];
}

Result<void> write_counts(const store::Run& run, std::string_view contestant, const Rounds& rounds,
                          const std::filesystem::path& path) {
  auto file = OutputFile::create(path);
  if (!file) return tl::unexpected(file.error());
  file->text("type,clients,handshakes,connection_timeouts,messages_sent,messages_recv,crashes\n");
  for (const std::uint16_t round : rounds) {
    const auto statistics = store::fold(run, contestant, round);
    if (!statistics) return tl::unexpected(statistics.error());
    const auto timeouts = statistics->ended[static_cast<std::size_t>(Reason::connection_timeout)];
    file->text(fmt::format("{},{},{},{},{},{},{}\n", field(contestant), statistics->attempted,
                           statistics->established, timeouts, statistics->sent, statistics->received,
                           crashes(*statistics)));
  }
  return file->finish();
}

}  // namespace

Result<void> write_statistics(const store::Run& run, std::string_view contestant,
                              const std::filesystem::path& out) {
  const auto directory = make_directory(run, contestant, out);
  if (!directory) return tl::unexpected(directory.error());
  const auto rounds = rounds_of(run, contestant);
  if (!rounds) return tl::unexpected(rounds.error());
  const auto handshakes =
      write_pairs(run, contestant, *rounds, store::for_each_handshake, *directory / "handshake_times.csv");
  if (!handshakes) return handshakes;
  const auto messages =
      write_pairs(run, contestant, *rounds, store::for_each_message, *directory / "message_latencies.csv");
  if (!messages) return messages;
  return write_counts(run, contestant, *rounds, *directory / "counts.csv");
}

Result<void> write_events(const store::Run& run, std::string_view contestant,
                          const std::filesystem::path& out) {
  const auto directory = make_directory(run, contestant, out);
  if (!directory) return tl::unexpected(directory.error());
  auto file = OutputFile::create(*directory / "events.csv");
  if (!file) return tl::unexpected(file.error());
  file->text("timestamp,type,client_id,event_key,event_data,phase,round\n");
  const auto visit = [&](const event::Event& event, const event::BlockInfo& block) {
    file->number(microseconds(event.time));
    file->character(',');
    file->text(name(event.kind));
    write_details(event, *file);
    file->character(',');
    file->text(name(block.phase));
    file->character(',');
    file->number(block.round);
    file->character('\n');
    return !file->failed();
  };
  if (const auto read = store::scan_events(run, contestant, {}, visit); !read) return read;
  return file->finish();
}

}  // namespace wsbench::orchestrator
