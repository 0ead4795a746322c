#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "orchestrator/exports/error.hpp"

namespace wsbench::exports {

/// A table of a ClickHouse server, and as whom to write to it.
struct ClickHouseTarget {
  std::string host;
  std::uint16_t port = 8123;  ///< of its HTTP interface
  std::string user;           ///< empty: the server's own default, which is called "default"
  std::string password;
  std::string database, table;

  /// "database.table", safe in SQL.
  std::string qualified_table() const { return database + "." + table; }
  /// "clickhouse://host:port/database.table": never the password.
  std::string display() const;
  /// The text with every occurrence of the password replaced by ***.
  std::string masked(std::string text) const;
};

/// clickhouse://[user[:password]@]host[:port]/database.table, user and password percent-encoded. The error
/// (usage) does not quote the URL, which may hold a password.
Result<ClickHouseTarget> parse_clickhouse_url(std::string_view url);

/// CREATE TABLE IF NOT EXISTS for the rows of row_binary.hpp, for ClickHouse 18.16 and later.
std::string clickhouse_ddl(const ClickHouseTarget& target);

/// A string literal of SQL.
std::string sql_literal(std::string_view text);

}  // namespace wsbench::exports
