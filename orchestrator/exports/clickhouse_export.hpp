#pragma once

#include <cstdint>
#include <map>
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
// first one is sent, and of a single one before it is sent again: so neither a retry nor a second export of
// the same run doubles rows. What does not hold: two exports of one run at the same time, and a cluster whose
// replica that answers is behind the one that took the batch.

namespace wsbench::exports {

struct Inserted {
  std::uint64_t rows = 0;
  std::uint64_t skipped = 0;  ///< rows that were there already
};

class ClickHouseExport {
 public:
  static constexpr std::uint64_t kRowsInBatch = 100'000;

  /// `run` is the name that the rows bear. The client outlives it.
  ClickHouseExport(ClickHouseClient& client, std::string run) : client_(client), run_(std::move(run)) {}

  /// Makes the table if it is not there.
  Result<void> create_table();

  /// Inserts every event of a contestant. Errors: remote (the server was not reached, refused, or has other
  /// rows of this run), read, interrupted (what is whole stays, and the next export goes on).
  Result<Inserted> insert(const Source& source, const Course& course);

 private:
  class Batches;
  using Known = std::map<std::pair<std::uint16_t, std::uint32_t>, std::uint64_t>;  ///< round, batch: rows

  Result<std::string> ask(const std::string& sql);
  /// Which batches of a contestant are there.
  Result<Known> known(std::string_view contestant);
  Result<void> send(const RowBinary& rows, std::string_view contestant, std::uint16_t round,
                    std::uint32_t batch);

  ClickHouseClient& client_;
  const std::string run_;
};

}  // namespace wsbench::exports
