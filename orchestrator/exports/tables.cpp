#include "orchestrator/exports/tables.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include "orchestrator/exports/hdr_log.hpp"
#include "orchestrator/exports/quoting.hpp"
#include "orchestrator/exports/text_writer.hpp"
#include "store/fold/fold.hpp"
#include "store/fold/pairs.hpp"

namespace wsbench::exports {
namespace {

using event::Reason;

constexpr std::array kTables{
    std::pair(Table::counts, "counts"), std::pair(Table::handshake_times, "handshake_times"),
    std::pair(Table::message_latencies, "message_latencies"), std::pair(Table::events, "events")};
constexpr std::array kFormats{std::pair(Format::Kind::csv, "csv"),
                              std::pair(Format::Kind::json_lines, "jsonl"),
                              std::pair(Format::Kind::hdr_log, "hlog")};

tl::unexpected<Error> interrupted() {
  return tl::unexpected(Error{Error::Kind::interrupted, "interrupted"});
}

store::PairKind pairs_of(Table table) {
  return table == Table::handshake_times ? store::PairKind::handshake : store::PairKind::message;
}

/// Scans the pairs of a table. `take` gets some thousand at a time, and returns false to stop.
Result<void> for_pairs(const ContestantEvents& source, Table table, const ProgressCallback& on_progress,
                       const std::function<bool(std::span<const store::Pair>)>& take) {
  bool stopped = false;
  const auto read = store::scan_pairs(source.run, source.contestant, pairs_of(table),
                                      [&](const store::PairStretch& stretch) {
                                        stopped = !on_progress(stretch.reading);
                                        return !stopped && take(stretch.pairs);
                                      });
  if (!read) return tl::unexpected(read.error());
  if (stopped) return interrupted();
  return {};
}

Result<void> write_pairs(const ContestantEvents& source, Table table, Format::Kind format, TextWriter& writer,
                         const ProgressCallback& on_progress) {
  const bool csv = format == Format::Kind::csv;
  if (csv) writer.text("type,timestamp,elapsed\n");
  const std::string begin = csv ? csv_field(source.contestant) + ","
                                : fmt::format(R"({{"type":{},"timestamp":)", json_string(source.contestant));
  const FixedText middle(csv ? "," : R"(,"elapsed":)"), end(csv ? "\n" : "}\n");
  TimestampText timestamp;
  return for_pairs(source, table, on_progress, [&](std::span<const store::Pair> pairs) {
    for (const store::Pair& pair : pairs) {
      char* to = writer.reserve(begin.size() + 3 * FixedText::kCapacity + 3 * kLongestNumber);
      const std::int64_t began = microseconds(pair.began);
      to = std::copy(begin.begin(), begin.end(), to);
      to = middle.put(timestamp.put(to, began));
      to = end.put(put_number(to, microseconds(pair.began + pair.elapsed) - began));
      writer.commit(to);
    }
    return !writer.failed();
  });
}

Result<void> write_hdr_log(const ContestantEvents& source, Table table, TextWriter& writer,
                           const ProgressCallback& on_progress) {
  HdrLog log(fmt::format("{} of {}", name(table), source.contestant), writer);
  if (auto scanned = for_pairs(source, table, on_progress,
                               [&](std::span<const store::Pair> pairs) {
                                 for (const store::Pair& pair : pairs)
                                   log.record(pair.began + pair.elapsed, pair.elapsed);
                                 return !writer.failed();
                               });
      !scanned)
    return scanned;
  log.finish();
  return {};
}

std::uint64_t crashes(const store::Statistics& statistics) {
  const auto& ended = statistics.ended;
  const auto all = std::accumulate(ended.begin(), ended.end(), std::uint64_t{0});
  return all - ended[static_cast<std::size_t>(Reason::completed)] -
         ended[static_cast<std::size_t>(Reason::connection_timeout)];
}

Result<void> write_counts(const ContestantEvents& source, Format::Kind format, TextWriter& writer,
                          const ProgressCallback& on_progress) {
  const bool csv = format == Format::Kind::csv;
  if (csv) writer.text("type,clients,handshakes,connection_timeouts,messages_sent,messages_recv,crashes\n");
  const auto rounds = store::rounds_of(source.run, source.contestant);
  if (!rounds) return tl::unexpected(rounds.error());
  for (const std::uint16_t round : *rounds) {
    if (!on_progress({})) return interrupted();
    const auto statistics = store::fold(source.run, source.contestant, round);
    if (!statistics) return tl::unexpected(statistics.error());
    const auto timeouts = statistics->ended[static_cast<std::size_t>(Reason::connection_timeout)];
    constexpr const char* kCsv = "{},{},{},{},{},{},{}\n";
    constexpr const char* kJson =
        "{{\"type\":{},\"clients\":{},\"handshakes\":{},\"connection_timeouts\":{},\"messages_sent\":{},"
        "\"messages_recv\":{},\"crashes\":{}}}\n";
    writer.text(fmt::format(fmt::runtime(csv ? kCsv : kJson),
                            csv ? csv_field(source.contestant) : json_string(source.contestant),
                            statistics->attempted, statistics->established, timeouts, statistics->sent,
                            statistics->received, crashes(*statistics)));
  }
  return {};
}

Result<void> write_rows(const ContestantEvents& source, Table table, Format::Kind format, TextWriter& writer,
                        const ProgressCallback& on_progress) {
  if (format == Format::Kind::hdr_log) return write_hdr_log(source, table, writer, on_progress);
  switch (table) {
    case Table::counts:
      return write_counts(source, format, writer, on_progress);
    case Table::handshake_times:
    case Table::message_latencies:
      return write_pairs(source, table, format, writer, on_progress);
    case Table::events:
      break;
  }
  EventRows rows(format == Format::Kind::csv ? RowFormat::csv : RowFormat::json_lines, {});
  rows.header(writer);
  return write_events(source, {}, rows, writer, on_progress);
}

}  // namespace

std::string_view name(Table table) noexcept {
  for (const auto& [each, text] : kTables)
    if (each == table) return text;
  return "unknown";
}

std::string name(const Format& format) {
  for (const auto& [kind, text] : kFormats)
    if (kind == format.kind) return fmt::format("{}{}", text, format.zstd ? ".zst" : "");
  return "unknown";
}

std::optional<Format> parse_format(std::string_view name) noexcept {
  Format format;
  if (name.ends_with(".zst")) {
    format.zstd = true;
    name.remove_suffix(4);
  }
  const auto dot = name.rfind('.');
  if (dot != std::string_view::npos) name.remove_prefix(dot + 1);
  for (const auto& [kind, text] : kFormats) {
    if (name != text) continue;
    format.kind = kind;
    return format;
  }
  return std::nullopt;
}

bool has_format(Table table, Format::Kind kind) noexcept {
  return kind != Format::Kind::hdr_log || table == Table::handshake_times ||
         table == Table::message_latencies;
}

Result<void> write_table(const ContestantEvents& source, Table table, Format::Kind format, Sink& sink,
                         const ProgressCallback& on_progress) {
  assert(has_format(table, format));
  TextWriter writer(sink);
  auto written = write_rows(source, table, format, writer, on_progress);
  if (writer.failed() || written) return writer.finish();
  return written;
}

Result<void> write_events(const ContestantEvents& source, const store::Filter& filter, EventRows& rows,
                          TextWriter& writer, const ProgressCallback& on_progress) {
  bool stopped = false;
  const auto read =
      store::scan_timeline(source.run, source.contestant, filter, [&](const store::Stretch& stretch) {
        stopped = !on_progress(stretch.reading);
        if (stopped) return false;
        rows.rows(stretch.events, writer);
        return !writer.failed();
      });
  if (!read) return tl::unexpected(read.error());
  if (stopped) return interrupted();
  return {};
}

}  // namespace wsbench::exports
