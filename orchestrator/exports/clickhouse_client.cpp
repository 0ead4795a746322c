#include "orchestrator/exports/clickhouse_client.hpp"

#include <array>
#include <cassert>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

namespace wsbench::exports {

namespace {

constexpr std::chrono::milliseconds kConnectTimeout{5000};
constexpr std::size_t kMostAnswer = std::size_t{16} << 20U;
constexpr std::size_t kMostMessage = 300;
/// QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, TOO_MANY_SIMULTANEOUS_QUERIES, of ClickHouse's ErrorCodes.cpp.
constexpr std::array<std::string_view, 2> kPassingCodes{"Code: 216", "Code: 202"};
constexpr const char* kExceptionHeader = "X-ClickHouse-Exception-Code";

struct FreeEasy {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

bool is_curl_ready() {
  static const CURLcode outcome = curl_global_init(CURL_GLOBAL_DEFAULT);
  return outcome == CURLE_OK;
}

std::size_t keep(char* data, std::size_t size, std::size_t count, void* answer_pointer) noexcept {
  auto& answer = *static_cast<std::string*>(answer_pointer);
  const std::size_t bytes = size * count;
  if (bytes > kMostAnswer - answer.size()) return 0;
  answer.append(data, bytes);
  return bytes;
}

}  // namespace

class ClickHouseClient::Impl {
  using Kind = Refusal::Kind;

 public:
  Impl(ClickHouseTarget target, std::stop_token stop, std::chrono::milliseconds timeout)
      : target_(std::move(target)),
        stop_(std::move(stop)),
        easy_(is_curl_ready() ? curl_easy_init() : nullptr) {
    if (!easy_) return;
    // The server never answers "100 Continue": libcurl would wait for it before a larger body.
    add_header("Expect:");
    add_header("Content-Type: application/octet-stream");
    if (!target_.user.empty() || !target_.password.empty()) {
      add_header("X-ClickHouse-User: " + (target_.user.empty() ? "default" : target_.user));
      add_header("X-ClickHouse-Key: " + target_.password);
    }
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_POST, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectTimeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set(CURLOPT_ERRORBUFFER, curl_message_.data());
    set(CURLOPT_WRITEFUNCTION, &keep);
    set(CURLOPT_WRITEDATA, &answer_);
    set(CURLOPT_PREREQFUNCTION, &Impl::before_request);
    set(CURLOPT_PREREQDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Impl::in_transfer);
    set(CURLOPT_XFERINFODATA, this);
  }

  const ClickHouseTarget& target() const noexcept { return target_; }
  const std::stop_token& stop() const noexcept { return stop_; }

  /// `query` is the URL's.
  tl::expected<std::string, Refusal> post(const std::string& query, std::string_view body) {
    if (!easy_) return tl::unexpected(Refusal{Refusal::Kind::final, "libcurl could not be initialised"});
    set(CURLOPT_URL, fmt::format("http://{}:{}/?{}", target_.host, target_.port, query).c_str());
    set(CURLOPT_POSTFIELDS, body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    answer_.clear();
    requests_sent_ = 0;
    curl_message_[0] = '\0';
    const CURLcode code = curl_easy_perform(easy_.get());
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK && stop_.stop_requested()) return refuse(Kind::interrupted, "interrupted");
    if (code == CURLE_ABORTED_BY_CALLBACK)
      return refuse(Kind::passing, "the connection was closed without an answer");
    if (code != CURLE_OK)
      return refuse(Kind::passing,
                    curl_message_[0] != '\0' ? curl_message_.data() : curl_easy_strerror(code));
    // Of an INSERT whose body it could not read in time, an old server tells in a header only.
    const auto exception = exception_code();
    if (status == 200 && exception.empty()) return std::move(answer_);
    bool passing = status == 200 || status == 502 || status == 503 || status == 504;
    for (const auto code_text : kPassingCodes) passing = passing || answer_.starts_with(code_text);
    return refuse(passing ? Kind::passing : Kind::final, !answer_.empty() ? answer_
                                                         : !exception.empty()
                                                             ? fmt::format("exception {}", exception)
                                                             : fmt::format("HTTP status {}", status));
  }

  std::string escaped(std::string_view text) const {
    if (!easy_) return {};
    char* bytes = curl_easy_escape(easy_.get(), text.data(), static_cast<int>(text.size()));
    std::string copy = bytes == nullptr ? "" : bytes;
    curl_free(bytes);
    return copy;
  }

 private:
  template <typename T>
  void set(CURLoption option, T value) {
    [[maybe_unused]] const CURLcode code = curl_easy_setopt(easy_.get(), option, value);
    assert(code == CURLE_OK);
  }

  /// libcurl sends a request again by itself when a reused connection breaks after the request went out: the
  /// rows of an insert would be there twice.
  static int before_request(void* self_pointer, char* /*remote_address*/, char* /*local_address*/,
                            int /*remote_port*/, int /*local_port*/) noexcept {
    auto& self = *static_cast<Impl*>(self_pointer);
    return ++self.requests_sent_ > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
  }

  static int in_transfer(void* self_pointer, curl_off_t /*to_load*/, curl_off_t /*loaded*/,
                         curl_off_t /*to_send*/, curl_off_t /*sent*/) noexcept {
    return static_cast<Impl*>(self_pointer)->stop_.stop_requested() ? 1 : 0;
  }

  /// What the answer's header says of an exception; empty: nothing.
  std::string exception_code() const {
    curl_header* header = nullptr;
    if (curl_easy_header(easy_.get(), kExceptionHeader, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) return {};
    return header->value;
  }

  void add_header(const std::string& header) {
    headers_.reset(curl_slist_append(headers_.release(), header.c_str()));
  }

  tl::unexpected<Refusal> refuse(Kind kind, std::string message) const {
    // No server is known to repeat the password; none shall have the occasion. Masked first: a cut through it
    // would leave a part that is not recognised.
    message = target_.masked(std::move(message));
    message = message.substr(0, message.find_first_of("\r\n")).substr(0, kMostMessage);
    return tl::unexpected(Refusal{kind, fmt::format("{}: {}", target_.display(), message)});
  }

  const ClickHouseTarget target_;
  const std::stop_token stop_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<CURL, FreeEasy> easy_;  // after headers_, which it borrows until it is cleaned up
  std::string answer_;
  int requests_sent_ = 0;
  std::array<char, CURL_ERROR_SIZE> curl_message_{};
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

tl::expected<std::string, Refusal> ClickHouseClient::query(std::string_view sql) {
  return impl_->post("", sql);
}

tl::expected<void, Refusal> ClickHouseClient::insert(std::string_view sql, std::string_view data,
                                                     std::string_view id) {
  const auto query = fmt::format("query_id={}&query={}", impl_->escaped(id), impl_->escaped(sql));
  return impl_->post(query, data).map([](const std::string&) {});
}

}  // namespace wsbench::exports
