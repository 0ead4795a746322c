#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "orchestrator/exports/clickhouse_target.hpp"
#include "rpc/error.hpp"

namespace wsbench::exports {

/// What a request that failed came to.
struct Refusal {
  enum class Kind {
    passing,      ///< the server may not have been reached, or is busy: to be tried again
    final,        ///< the same request would be refused again
    interrupted,  ///< a stop was asked for; the server may have taken the request none the less
  };
  Refusal(Kind kind_, std::string message_) : kind(kind_), message(std::move(message_)) {}
  /// The server was not reached, or did not answer.
  explicit Refusal(const rpc::Error& error)
      : kind(error.kind == rpc::Error::Kind::interrupted ? Kind::interrupted : Kind::passing),
        message(error.message) {}

  Kind kind;
  std::string message;  ///< never has the password in it
};

/// ClickHouse's HTTP interface over one connection. A request ends soon after a stop is asked for. Used from
/// one thread.
class ClickHouseClient {
 public:
  explicit ClickHouseClient(ClickHouseTarget target, std::stop_token stop = {},
                            std::chrono::milliseconds timeout = std::chrono::minutes{2});
  ~ClickHouseClient();
  ClickHouseClient(const ClickHouseClient&) = delete;
  ClickHouseClient& operator=(const ClickHouseClient&) = delete;

  const ClickHouseTarget& target() const noexcept;
  const std::stop_token& stop() const noexcept;

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
