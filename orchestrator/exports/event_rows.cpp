#include "orchestrator/exports/event_rows.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "orchestrator/exports/quoting.hpp"

namespace wsbench::exports {
namespace {

using event::Kind;

/// The most bytes of a row after its prefix: five fixed texts, five numbers, the names of fields.
constexpr std::size_t kLongestRow = 512;

char* put_text(char* to, std::string_view text) {
  return std::copy(text.begin(), text.end(), to);
}

/// When a message that was sent so much later was due.
event::Time due_of(event::Time sent, std::uint64_t lag) {
  return sent - event::Duration(static_cast<event::Duration::rep>(lag));
}

/// Whether there is a client_id: the client's, or the shard's that was sampled.
bool has_whose(Kind kind, std::uint32_t client) noexcept {
  return event::has_client(kind) || (kind == Kind::instrument && client != event::kNobody);
}

event::Metric metric_of(const event::Block& block, std::uint32_t i) noexcept {
  const bool of_server = block.kinds()[i] == Kind::server;
  return static_cast<event::Metric>(of_server ? block.clients()[i] : block.sequences()[i]);
}

}  // namespace

EventRows::EventRows(RowFormat format, std::string_view contestant)
    : format_(format), has_contestant_(!contestant.empty()) {
  const bool csv = format == RowFormat::csv;
  between_ = {.client = FixedText(csv ? "" : R"(,"client_id":)"),
              .key = FixedText(csv ? "," : R"(,"event_key":)"),
              .name_key = FixedText(csv ? "," : R"(,"event_key":")"),
              .data = FixedText(csv ? "," : R"(,"event_data":)"),
              .data_of_name = FixedText(csv ? "," : R"(","event_data":)"),
              .reordered = FixedText(csv ? ",reordered" : R"(,"event_data":"reordered")"),
              .no_data = FixedText(csv ? "," : ""),
              .no_key_no_data = FixedText(csv ? ",," : "")};
  if (has_contestant_)
    prefix_ = csv ? csv_field(contestant) + ","
                  : fmt::format(R"({{"contestant":{},"timestamp":)", json_string(contestant));
  else if (!csv)
    prefix_ = R"({"timestamp":)";
  for (unsigned kind = 0; kind < kinds_.size(); ++kind) {
    const auto text = name(static_cast<Kind>(kind));
    kinds_[kind] = FixedText(csv ? fmt::format(",{},", text) : fmt::format(R"(,"type":"{}")", text));
  }
}

void EventRows::header(TextWriter& writer) const {
  if (format_ != RowFormat::csv) return;
  if (has_contestant_) writer.text("contestant,");
  writer.text("timestamp,type,client_id,event_key,event_data,phase,round\n");
}

void EventRows::rows(std::span<const store::Placed> events, TextWriter& writer) {
  for (const store::Placed& placed : events) {
    char* to = writer.reserve(prefix_.size() + kLongestRow);
    to = put_text(to, prefix_);
    writer.commit(row(to, placed));
  }
}

const FixedText& EventRows::row_end(const event::BlockInfo& info) {
  if (info.round != row_ends_round_) {
    row_ends_round_ = info.round;
    has_row_end_.fill(false);
  }
  const std::size_t at = static_cast<std::size_t>(info.phase) % row_ends_.size();
  if (!has_row_end_[at]) {
    row_ends_[at] =
        FixedText(format_ == RowFormat::csv
                      ? fmt::format(",{},{}\n", name(info.phase), info.round)
                      : fmt::format(",\"phase\":\"{}\",\"round\":{}}}\n", name(info.phase), info.round));
    has_row_end_[at] = true;
  }
  return row_ends_[at];
}

char* EventRows::row(char* to, const store::Placed& placed) {
  const event::Block& block = *placed.block;
  const std::uint32_t i = placed.index;
  const Kind kind = block.kinds()[i];
  const std::uint64_t value = block.values()[i];
  const auto named = [&](std::string_view text, std::uint64_t number) {
    to = put_text(between_.name_key.put(to), text);
    to = put_number(between_.data_of_name.put(to), number);
  };
  to = timestamp_.put(to, microseconds(placed.time));
  to = kinds_[static_cast<std::size_t>(kind) % kinds_.size()].put(to);
  if (has_whose(kind, block.clients()[i])) to = put_number(between_.client.put(to), block.clients()[i]);
  switch (kind) {
    case Kind::ws_init:
    case Kind::ws_onopen:
    case Kind::foreign_message:
    case Kind::phase_began:
      to = between_.no_key_no_data.put(to);
      break;
    case Kind::send_message:
      to = put_number(between_.key.put(to), block.sequences()[i]);
      to = due_.put(between_.data.put(to), microseconds(due_of(placed.time, value)));
      break;
    case Kind::recv_message:
    case Kind::duplicate_echo:
    case Kind::altered_echo: {
      const bool is_reordered = kind == Kind::recv_message && value == event::kReordered;
      to = put_number(between_.key.put(to), block.sequences()[i]);
      to = (is_reordered ? between_.reordered : between_.no_data).put(to);
      break;
    }
    case Kind::ws_onclose:
    case Kind::exit: {
      const auto ending = event::Ending::unpack(value);
      named(name(ending.reason), ending.status);
      break;
    }
    case Kind::not_sent: {
      const auto unsent = event::Unsent::unpack(value);
      named(name(unsent.reason), unsent.messages);
      break;
    }
    case Kind::read_lag:
      to = put_number(between_.key.put(to), block.sequences()[i]);
      to = put_number(between_.data.put(to), value);
      break;
    case Kind::server:
    case Kind::instrument:
      named(name(metric_of(block, i)), value);
      break;
  }
  return row_end(block.info).put(to);
}

}  // namespace wsbench::exports
