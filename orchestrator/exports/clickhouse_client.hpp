#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "orchestrator/exports/clickhouse_target.hpp"
#include "rpc/error.hpp"
#include "rpc/http_client.hpp"

namespace wsbench::exports {

/// ClickHouse's HTTP interface over one connection. Used from one thread. A request ends soon after a stop is
/// asked for.
///
/// Errors: interrupted (the server may have taken the request all the same), fault (the server would refuse
/// the same request again); any other kind may pass, because the server was not reached or is busy. Their
/// messages never hold the password.
class ClickHouseClient {
 public:
  ClickHouseClient(ClickHouseTarget target, std::stop_token stop);

  const ClickHouseTarget& target() const noexcept { return target_; }
  const std::stop_token& stop() const noexcept { return stop_; }

  /// Runs a statement. Returns its result as TabSeparated text.
  tl::expected<std::string, rpc::Error> query(std::string_view sql) { return post("", sql); }

  /// Runs "INSERT ... FORMAT ..." with its data. While a request with this id runs, the server refuses a
  /// second one; that may pass.
  tl::expected<void, rpc::Error> insert(std::string_view sql, std::string_view data, std::string_view id);

 private:
  tl::expected<std::string, rpc::Error> post(const std::string& url_query, std::string_view body);
  std::string quoted(std::string body) const;

  const ClickHouseTarget target_;
  const std::stop_token stop_;
  rpc::HttpClient http_;
};

}  // namespace wsbench::exports
