#include "orchestrator/exports/clickhouse_target.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tl/expected.hpp>

#include "rpc/url.hpp"
#include "store/event/event.hpp"

namespace wsbench::exports {
namespace {

constexpr const char* kShape = "give clickhouse://[user[:password]@]host[:port]/database.table";

/// Whether a name needs no quoting, and so cannot carry SQL.
bool is_identifier(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_rest = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), is_rest);
}

tl::unexpected<Error> wrong(std::string_view what) {
  return tl::unexpected(Error{Error::Kind::usage, fmt::format("{}: {}", what, kShape)});
}

/// The list of an Enum8: the names of the numbers from 1 to `last` that are in use.
template <typename Enum>
std::string enumerators(int last) {
  std::vector<std::string> pairs;
  for (int number = 1; number <= last; ++number) {
    if (const auto text = name(static_cast<Enum>(number)); text != "unknown")
      pairs.push_back(fmt::format("{} = {}", sql_literal(text), number));
  }
  return fmt::format("{}", fmt::join(pairs, ", "));
}

std::string reason_names() {
  std::vector<std::string> numbers, names;
  for (std::size_t number = 1; number < event::kReasons; ++number) {
    numbers.push_back(std::to_string(number));
    names.push_back(sql_literal(name(static_cast<event::Reason>(number))));
  }
  return fmt::format("[{}], [{}]", fmt::join(numbers, ", "), fmt::join(names, ", "));
}

}  // namespace

std::string sql_literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal += '\'';
}

std::string ClickHouseTarget::display() const {
  return fmt::format("clickhouse://{}:{}/{}", host, port, qualified_table());
}

std::string ClickHouseTarget::masked(std::string text) const {
  constexpr std::string_view kMask = "***";
  if (password.empty()) return text;
  for (auto at = text.find(password); at != std::string::npos; at = text.find(password, at + kMask.size()))
    text.replace(at, password.size(), kMask);
  return text;
}

Result<ClickHouseTarget> parse_clickhouse_url(std::string_view text) {
  auto url = rpc::parse_url(std::string(text));
  if (!url) return wrong(url.error());
  if (url->scheme != "clickhouse") return wrong("the URL must begin with clickhouse://");
  if (!url->query.empty()) return wrong("the URL must end with the table");
  const auto dot = url->path.find('.');
  if (dot == std::string::npos) return wrong("the table is missing");
  ClickHouseTarget target;
  target.host = std::move(url->host);
  target.port = url->port.value_or(target.port);
  target.user = url->user.value_or("");
  target.password = url->password.value_or("");
  target.database = url->path.substr(1, dot - 1);
  target.table = url->path.substr(dot + 1);
  if (!is_identifier(target.database) || !is_identifier(target.table))
    return wrong("database and table may only have letters, digits and _");
  return target;
}

std::string clickhouse_ddl(const ClickHouseTarget& target) {
  return fmt::format(
      R"(CREATE TABLE IF NOT EXISTS {}
(
    run String,          -- the run's directory name
    contestant String,
    round UInt16,
    batch UInt32,        -- counts up within run, contestant and round
    time_ns Int64,       -- since the Unix epoch
    phase Enum8({}),
    kind Enum8({}),
    agent UInt16,
    shard UInt16,
    client UInt32,       -- of a server event: the metric; of an instrument event: the shard, or 4294967295
    sequence UInt32,     -- of a read_lag event: the ns of it that are in no latency; of instrument: the metric
    value UInt64,        -- send_message: nanoseconds from due to sent; recv_message: 1 when reordered; ends:
                         -- reason and status; not_sent: reason and number; read_lag: nanoseconds; server and
                         -- instrument: the metric's value
    time DateTime ALIAS toDateTime(intDiv(time_ns, 1000000000)),
    due_ns Int64 ALIAS if(kind = 'send_message', time_ns - toInt64(value), 0),
    reason String ALIAS if(kind IN ('ws_onclose', 'EXIT'), transform(bitAnd(value, 255), {}, ''), ''),
    status UInt16 ALIAS if(kind IN ('ws_onclose', 'EXIT'), toUInt16(bitShiftRight(value, 8)), 0)
)
ENGINE = MergeTree
PARTITION BY run
ORDER BY (run, contestant, round, time_ns))",
      target.qualified_table(), enumerators<event::Phase>(5), enumerators<event::Kind>(event::kKinds - 1),
      reason_names());
}

}  // namespace wsbench::exports
