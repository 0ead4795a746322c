#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "orchestrator/exports/text.hpp"
#include "store/read/timeline.hpp"

namespace wsbench::exports {

enum class RowFormat { csv, json_lines };

/// The rows of events.csv, or of events.jsonl (tables.hpp has the columns). Used from one thread.
class EventRows {
 public:
  /// `contestant` is a first column of that name; empty: there is none.
  EventRows(RowFormat format, std::string_view contestant);

  /// The line of names; nothing for JSON lines.
  void header(TextWriter& writer) const;

  void rows(std::span<const store::Placed> events, TextWriter& writer);

 private:
  char* csv_row(char* to, const store::Placed& placed);
  char* json_row(char* to, const store::Placed& placed);
  /// What ends a row: phase and round.
  const Piece& tail(const event::BlockInfo& info);

  const RowFormat format_;
  const bool has_contestant_;
  std::string prefix_;  ///< of each row
  TimestampText timestamp_, due_;
  std::array<Piece, event::kKinds> kinds_;  ///< with what stands around the name, by Kind
  std::array<Piece, 32> tails_;             ///< by Phase, of tails_round_; filled when they are wanted
  std::array<bool, 32> tail_known_{};
  std::uint16_t tails_round_ = 0;
};

}  // namespace wsbench::exports
