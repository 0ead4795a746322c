#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "orchestrator/exports/clickhouse_client.hpp"
#include "orchestrator/exports/row_binary.hpp"
#include "orchestrator/exports/tables.hpp"

// A run's events into a table of a ClickHouse server, so that none is there twice.
//
// Rows go in batches of kRowsInBatch, in the order of time within a round; a batch is one INSERT into one
// partition, which the server takes as a whole or not at all. It is named by run, contestant, round and
// number, and a finished round gives the same batches each time. Which batches are there is asked before the
// first one is sent, and of a single one before it is sent again, each time when the server has no insert of
// them at work any more: so neither a retry nor a second export of the same run doubles rows. A batch that is
// there, but with another fingerprint, ends the export.
//
// What does not hold: two exports of one run at the same time; a cluster whose replica that answers is behind
// the one that took the batch; and a request whose connection broke before the server, or a proxy before it,
// began with it, if it begins only after it was asked.

namespace wsbench::exports {

struct Inserted {
  std::uint64_t rows = 0;
  std::uint64_t skipped = 0;  ///< rows that were there already
};

class ClickHouseExport {
 public:
  static constexpr std::uint64_t kRowsInBatch = 100'000;

  /// `run` is the name that the rows bear. The client outlives it; its stop ends whatever is waited for.
  ClickHouseExport(ClickHouseClient& client, std::string run) : client_(client), run_(std::move(run)) {}

  /// Makes the table if it is not there.
  Result<void> create_table();

  /// Inserts every event of a contestant, or of its rounds in `only`: a round that is not finished would give
  /// other batches later. Errors: remote (the server was not reached, refused, or has other rows of this
  /// run), read, interrupted (what is whole stays, and the next export goes on).
  Result<Inserted> insert(const Source& source, const std::optional<std::set<std::uint16_t>>& only,
                          const Course& course);

 private:
  class Batches;
  struct Name {
    std::string_view contestant;
    std::uint16_t round;
    std::uint32_t batch;
  };
  using Known = std::map<std::pair<std::uint16_t, std::uint32_t>, Fingerprint>;  ///< by round and batch

  /// Which batches are there, of those for which the SQL condition holds.
  tl::expected<Known, Refusal> look_up(const std::string& condition);
  /// Waits until the server is at no query for which the SQL condition holds.
  tl::expected<void, Refusal> await_end(const std::string& condition);
  Result<Known> known(std::string_view contestant);
  Result<void> send(const RowBinary& rows, const Name& name);
  Error others(std::string_view contestant) const;

  ClickHouseClient& client_;
  const std::string run_;
};

}  // namespace wsbench::exports
