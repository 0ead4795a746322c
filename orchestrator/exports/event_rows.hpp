#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "orchestrator/exports/text_writer.hpp"
#include "store/read/timeline.hpp"

namespace wsbench::exports {

enum class RowFormat { csv, json_lines };

/// Writes the rows of events.csv or events.jsonl (columns: tables.hpp). Used from one thread.
class EventRows {
 public:
  /// With a contestant, rows have a first column of that name that holds it.
  EventRows(RowFormat format, std::string_view contestant);

  /// The line of column names; nothing for JSON lines.
  void header(TextWriter& writer) const;

  void rows(std::span<const store::Placed> events, TextWriter& writer);

 private:
  /// What the format puts in front of a field, or in the place of one that is empty.
  struct Separators {
    FixedText client, key, name_key, data, data_of_name, reordered, no_data, no_key_no_data;
  };

  char* row(char* to, const store::Placed& placed);
  /// The end of a row: phase and round.
  const FixedText& row_end(const event::BlockInfo& info);

  const RowFormat format_;
  const bool has_contestant_;
  std::string prefix_;  ///< the beginning of each row
  Separators between_;
  TimestampText timestamp_, due_;
  std::array<FixedText, event::kKinds> kinds_;  ///< by Kind: its name and the separators around it
  std::array<FixedText, 32> row_ends_;          ///< by Phase, for row_ends_round_; made when first needed
  std::array<bool, 32> has_row_end_{};
  std::uint16_t row_ends_round_ = 0;
};

}  // namespace wsbench::exports
