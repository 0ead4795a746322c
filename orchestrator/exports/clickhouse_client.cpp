#include "orchestrator/exports/clickhouse_client.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "rpc/url.hpp"
#include "rpc/xml_text.hpp"

namespace wsbench::exports {
namespace {

constexpr std::chrono::milliseconds kConnectTimeout{5000};
constexpr std::chrono::minutes kTimeout{2};
constexpr std::size_t kMostAnswer = std::size_t{16} << 20U;
/// QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, TOO_MANY_SIMULTANEOUS_QUERIES, of ClickHouse's ErrorCodes.cpp.
constexpr std::array<std::string_view, 2> kTransientCodes{"Code: 216", "Code: 202"};
constexpr std::array kTransientStatuses{200, 502, 503, 504};
constexpr const char* kExceptionHeader = "X-ClickHouse-Exception-Code";

std::vector<std::string> headers_of(const ClickHouseTarget& target) {
  std::vector<std::string> headers{"Content-Type: application/octet-stream"};
  if (!target.user.empty() || !target.password.empty()) {
    headers.push_back("X-ClickHouse-User: " + (target.user.empty() ? "default" : target.user));
    headers.push_back("X-ClickHouse-Key: " + target.password);
  }
  return headers;
}

}  // namespace

ClickHouseClient::ClickHouseClient(ClickHouseTarget target, std::stop_token stop)
    : target_(std::move(target)),
      stop_(std::move(stop)),
      http_({.origin = fmt::format("http://{}:{}", target_.host, target_.port),
             .peer = target_.display(),
             .headers = headers_of(target_),
             .connect_timeout = kConnectTimeout,
             .max_answer_bytes = kMostAnswer,
             .stop = stop_}) {}

tl::expected<void, rpc::Error> ClickHouseClient::insert(std::string_view sql, std::string_view data,
                                                        std::string_view id) {
  const auto query = fmt::format("query_id={}&query={}", rpc::percent_encoded(id), rpc::percent_encoded(sql));
  return post(query, data).map([](const std::string&) {});
}

tl::expected<std::string, rpc::Error> ClickHouseClient::post(const std::string& url_query,
                                                             std::string_view body) {
  auto answer = http_.post("/?" + url_query, body, kTimeout);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  const auto& [status, text] = *answer;
  // An old server that could not read an INSERT's body in time answers 200, with the error in a header only.
  const auto exception = http_.header(kExceptionHeader);
  if (status == 200 && !exception) return std::move(answer->body);
  const bool is_transient =
      std::find(kTransientStatuses.begin(), kTransientStatuses.end(), status) != kTransientStatuses.end() ||
      std::any_of(kTransientCodes.begin(), kTransientCodes.end(),
                  [&text = text](std::string_view code) { return text.starts_with(code); });
  const std::string reason = !text.empty() ? quoted(text)
                             : exception   ? fmt::format("exception {}", *exception)
                                           : fmt::format("HTTP status {}", status);
  return tl::unexpected(rpc::Error{.kind = is_transient ? rpc::Error::Kind::http : rpc::Error::Kind::fault,
                                   .status = status,
                                   .message = fmt::format("{}: {}", target_.display(), reason)});
}

/// The first line of a server's answer, for a message. No server is known to repeat the password. If one
/// does, the password is masked, before the text is cut: a part of it would not be recognised.
std::string ClickHouseClient::quoted(std::string body) const {
  constexpr std::size_t kMostQuoted = 300;
  body = target_.masked(std::move(body));
  return rpc::excerpt(std::string_view(body).substr(0, body.find_first_of("\r\n")), kMostQuoted);
}

}  // namespace wsbench::exports
