#include "orchestrator/exports/clickhouse_client.hpp"

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "rpc/http_client.hpp"
#include "rpc/url.hpp"

namespace wsbench::exports {

namespace {

constexpr std::chrono::milliseconds kConnectTimeout{5000};
constexpr std::size_t kMostAnswer = std::size_t{16} << 20U;
constexpr std::size_t kMostMessage = 300;
/// QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, TOO_MANY_SIMULTANEOUS_QUERIES, of ClickHouse's ErrorCodes.cpp.
constexpr std::array<std::string_view, 2> kTransientCodes{"Code: 216", "Code: 202"};
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

class ClickHouseClient::Impl {
  using Kind = RequestError::Kind;

 public:
  Impl(ClickHouseTarget target, std::stop_token stop, std::chrono::milliseconds timeout)
      : target_(std::move(target)),
        stop_(std::move(stop)),
        timeout_(timeout),
        http_({.origin = fmt::format("http://{}:{}", target_.host, target_.port),
               .peer = target_.display(),
               .headers = headers_of(target_),
               .connect_timeout = kConnectTimeout,
               .max_answer_bytes = kMostAnswer,
               .stop = stop_}) {}

  const ClickHouseTarget& target() const noexcept { return target_; }
  const std::stop_token& stop() const noexcept { return stop_; }

  /// `query` is the query part of the URL.
  tl::expected<std::string, RequestError> post(const std::string& query, std::string_view body) {
    auto answer = http_.post("/?" + query, body, timeout_);
    if (!answer) return tl::unexpected(RequestError(answer.error()));
    // An old server that could not read an INSERT's body in time answers 200, with the error in a header
    // only.
    const auto exception = http_.header(kExceptionHeader).value_or("");
    const int status = answer->status;
    if (status == 200 && exception.empty()) return std::move(answer->body);
    bool is_transient = status == 200 || status == 502 || status == 503 || status == 504;
    for (const auto code : kTransientCodes) is_transient = is_transient || answer->body.starts_with(code);
    return tl::unexpected(
        RequestError(is_transient ? Kind::transient : Kind::permanent,
                     fmt::format("{}: {}", target_.display(),
                                 !answer->body.empty() ? quoted(std::move(answer->body))
                                 : !exception.empty()  ? fmt::format("exception {}", exception)
                                                       : fmt::format("HTTP status {}", status))));
  }

 private:
  /// What a message quotes of a server's answer. No server is known to repeat the password. If one does, the
  /// password is masked, before the text is cut: a part of it would not be recognised.
  std::string quoted(std::string body) const {
    body = target_.masked(std::move(body));
    return body.substr(0, body.find_first_of("\r\n")).substr(0, kMostMessage);
  }

  const ClickHouseTarget target_;
  const std::stop_token stop_;
  const std::chrono::milliseconds timeout_;
  rpc::HttpClient http_;
};

ClickHouseClient::ClickHouseClient(ClickHouseTarget target, std::stop_token stop,
                                   std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(std::move(target), std::move(stop), timeout)) {}
ClickHouseClient::~ClickHouseClient() = default;

const ClickHouseTarget& ClickHouseClient::target() const noexcept {
  return impl_->target();
}

const std::stop_token& ClickHouseClient::stop() const noexcept {
  return impl_->stop();
}

tl::expected<std::string, RequestError> ClickHouseClient::query(std::string_view sql) {
  return impl_->post("", sql);
}

tl::expected<void, RequestError> ClickHouseClient::insert(std::string_view sql, std::string_view data,
                                                          std::string_view id) {
  const auto query = fmt::format("query_id={}&query={}", rpc::percent_encoded(id), rpc::percent_encoded(sql));
  return impl_->post(query, data).map([](const std::string&) {});
}

}  // namespace wsbench::exports
