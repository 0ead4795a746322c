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

/// Why a request failed.
struct RequestError {
  enum class Kind {
    transient,    ///< the server was perhaps not reached, or is busy: try again
    permanent,    ///< the server would refuse the same request again
    interrupted,  ///< a stop was asked for; the server may have taken the request all the same
  };
  RequestError(Kind kind_, std::string message_) : kind(kind_), message(std::move(message_)) {}
  /// The server was not reached, or did not answer.
  explicit RequestError(const rpc::Error& error)
      : kind(error.kind == rpc::Error::Kind::interrupted ? Kind::interrupted : Kind::transient),
        message(error.message) {}

  Kind kind;
  std::string message;  ///< never has the password in it
};

/// ClickHouse's HTTP interface over one connection. Used from one thread. A request ends soon after a stop is
/// asked for.
class ClickHouseClient {
 public:
  explicit ClickHouseClient(ClickHouseTarget target, std::stop_token stop = {},
                            std::chrono::milliseconds timeout = std::chrono::minutes{2});
  ~ClickHouseClient();
  ClickHouseClient(const ClickHouseClient&) = delete;
  ClickHouseClient& operator=(const ClickHouseClient&) = delete;

  const ClickHouseTarget& target() const noexcept;
  const std::stop_token& stop() const noexcept;

  /// Runs a statement. Returns its result as TabSeparated text.
  tl::expected<std::string, RequestError> query(std::string_view sql);

  /// Runs "INSERT ... FORMAT ..." with its data. While a request with this id runs, the server refuses a
  /// second one; that is a transient error.
  tl::expected<void, RequestError> insert(std::string_view sql, std::string_view data, std::string_view id);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsbench::exports
