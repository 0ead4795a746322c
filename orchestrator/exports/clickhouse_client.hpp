#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "orchestrator/exports/clickhouse_target.hpp"

namespace wsbench::exports {

/// What a request that failed came to.
struct Refusal {
  bool is_passing = false;  ///< the server may not have been reached, or is busy: to be tried again
  std::string message;      ///< never has the password in it
};

/// ClickHouse's HTTP interface over one connection. Used from one thread.
class ClickHouseClient {
 public:
  explicit ClickHouseClient(ClickHouseTarget target,
                            std::chrono::milliseconds timeout = std::chrono::minutes{2});
  ~ClickHouseClient();
  ClickHouseClient(const ClickHouseClient&) = delete;
  ClickHouseClient& operator=(const ClickHouseClient&) = delete;

  const ClickHouseTarget& target() const noexcept;

  /// Runs a statement; answers what it returned, as TabSeparated.
  tl::expected<std::string, Refusal> query(std::string_view sql);

  /// Runs "INSERT ... FORMAT ..." with its data. While a request of the same id runs, the server takes no
  /// second one, and that is a passing refusal.
  tl::expected<void, Refusal> insert(std::string_view sql, std::string_view data, std::string_view id);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsbench::exports
