#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "orchestrator/exports/clickhouse_client.hpp"
#include "orchestrator/exports/row_binary.hpp"
#include "orchestrator/exports/tables.hpp"
#include "rpc/error.hpp"

// A run's events into a table of a ClickHouse server, each exactly once.
//
// Rows go in batches of kRowsInBatch, ordered by time within a round. A batch is one INSERT into one
// partition, which the server takes as a whole or not at all. Run, contestant, round and number name it, and
// a finished round gives the same batches each time. Before the first batch is sent, the server is asked
// which ones it has, and before a batch is sent again, whether it has that one; both only once it runs no
// insert of them any more. So neither a retry nor a second export of the same run doubles rows. A batch that
// the table has with another fingerprint ends the export.
//
// This does not cover: two exports of one run at the same time; a cluster whose answering replica lags behind
// the one that took the batch; a request whose connection broke and which the server, or a proxy in front of
// it, begins only after the server was asked.

namespace wsbench::exports {

struct Inserted {
  std::uint64_t rows = 0;
  std::uint64_t skipped = 0;  ///< rows that the table had already
};

class ClickHouseExport {
 public:
  static constexpr std::uint64_t kRowsInBatch = 100'000;

  /// `run` is what the rows call the run. Borrows the client, whose stop token ends every wait.
  ClickHouseExport(ClickHouseClient& client, std::string run) : client_(client), run_(std::move(run)) {}

  /// Makes the table unless it exists.
  Result<void> create_table();

  /// Inserts every event of a contestant, or of its rounds in `only`: an unfinished round would give other
  /// batches later. Errors: remote (the server was not reached, refused, or has other rows of this run),
  /// read, interrupted (whole batches stay, and the next export goes on from there).
  Result<Inserted> insert(const ContestantEvents& source, const std::optional<std::set<std::uint16_t>>& only,
                          const ProgressCallback& on_progress);

 private:
  class Batches;
  struct BatchName {
    std::string_view contestant;
    std::uint16_t round;
    std::uint32_t batch;
  };
  using KnownBatches =
      std::map<std::pair<std::uint16_t, std::uint32_t>, Fingerprint>;  ///< by round and batch

  /// The table's batches for which the SQL condition holds.
  tl::expected<KnownBatches, rpc::Error> find_batches(const std::string& condition);
  /// Waits until the server runs no query for which the SQL condition holds.
  tl::expected<void, rpc::Error> wait_until_idle(const std::string& condition);
  Result<KnownBatches> batches_of(std::string_view contestant);
  Result<void> send(const RowBinary& rows, const BatchName& name);
  Error foreign_rows(std::string_view contestant) const;

  ClickHouseClient& client_;
  const std::string run_;
};

}  // namespace wsbench::exports
