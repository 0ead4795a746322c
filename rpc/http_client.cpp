#include "rpc/http_client.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

namespace wsbench::rpc {
namespace {

using std::chrono::milliseconds;

struct EasyDeleter {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// curl_global_init is not thread-safe in every build of libcurl; a local static is.
bool is_curl_ready() {
  static const CURLcode outcome = curl_global_init(CURL_GLOBAL_DEFAULT);
  return outcome == CURLE_OK;
}

/// libcurl takes 0 for "no limit", so the least is a millisecond.
long curl_milliseconds(milliseconds duration) {
  constexpr long kMost = std::numeric_limits<int>::max();
  return static_cast<long>(std::clamp<std::int64_t>(duration.count(), 1, kMost));
}

}  // namespace

class HttpClient::Connection {
 public:
  explicit Connection(HttpOptions options)
      : options_(std::move(options)), easy_(is_curl_ready() ? curl_easy_init() : nullptr) {
    if (easy_ != nullptr) configure();
  }

  Result<HttpAnswer> post(const std::string& path_and_query, std::string_view body, milliseconds deadline) {
    if (easy_ == nullptr) return failure(Error::Kind::unreachable, "libcurl could not be initialised");
    if (options_.stop.stop_requested()) return failure(Error::Kind::interrupted, "interrupted");
    set(CURLOPT_URL, (options_.origin + path_and_query).c_str());
    set(CURLOPT_POSTFIELDS, body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_TIMEOUT_MS, curl_milliseconds(deadline));
    set(CURLOPT_CONNECTTIMEOUT_MS, curl_milliseconds(std::min(options_.connect_timeout, deadline)));
    body_.clear();
    is_too_large_ = false;
    requests_sent_ = 0;
    curl_message_[0] = '\0';

    const CURLcode code = curl_easy_perform(easy_.get());
    if (code != CURLE_OK) return transfer_error(code, deadline);
    return HttpAnswer{.status = status(), .body = std::move(body_)};
  }

  std::optional<std::string> header(const char* name) const {
    curl_header* found = nullptr;
    if (easy_ == nullptr) return std::nullopt;
    if (curl_easy_header(easy_.get(), name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return std::nullopt;
    return found->value;
  }

 private:
  template <typename T>
  void set(CURLoption option, T value) {
    [[maybe_unused]] const CURLcode code = curl_easy_setopt(easy_.get(), option, value);
    assert(code == CURLE_OK);
  }

  void add_header(const std::string& header) {
    headers_.reset(curl_slist_append(headers_.release(), header.c_str()));
  }

  void configure() {
    for (const std::string& header : options_.headers) add_header(header);
    // Neither supervisord nor ClickHouse answers "100 Continue", for which libcurl would wait before a large
    // body.
    add_header("Expect:");
    set(CURLOPT_HTTPHEADER, headers_.get());
    if (!options_.unix_socket.empty()) set(CURLOPT_UNIX_SOCKET_PATH, options_.unix_socket.c_str());
    if (!options_.user.empty()) {
      set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
      set(CURLOPT_USERNAME, options_.user.c_str());
      set(CURLOPT_PASSWORD, options_.password.c_str());
    }
    set(CURLOPT_POST, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PROXY, "");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, curl_message_.data());
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.max_answer_bytes));
    set(CURLOPT_WRITEFUNCTION, &Connection::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_PREREQFUNCTION, &Connection::before_request);
    set(CURLOPT_PREREQDATA, this);
    set(CURLOPT_NOPROGRESS, options_.stop.stop_possible() ? 0L : 1L);
    set(CURLOPT_XFERINFOFUNCTION, &Connection::during_transfer);
    set(CURLOPT_XFERINFODATA, this);
  }

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self_pointer) noexcept {
    auto& self = *static_cast<Connection*>(self_pointer);
    const std::size_t bytes = size * count;
    if (bytes > self.options_.max_answer_bytes - self.body_.size()) {
      self.is_too_large_ = true;
      return 0;
    }
    self.body_.append(data, bytes);
    return bytes;
  }

  /// When a reused connection turns out to be closed before anything was sent, libcurl opens another and all
  /// is well. When it breaks after the request went out, libcurl would send the request again: this prevents
  /// it.
  static int before_request(void* self_pointer, char* /*remote_address*/, char* /*local_address*/,
                            int /*remote_port*/, int /*local_port*/) noexcept {
    auto& self = *static_cast<Connection*>(self_pointer);
    return ++self.requests_sent_ > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
  }

  static int during_transfer(void* self_pointer, curl_off_t /*to_receive*/, curl_off_t /*received*/,
                             curl_off_t /*to_send*/, curl_off_t /*sent*/) noexcept {
    return static_cast<Connection*>(self_pointer)->options_.stop.stop_requested() ? 1 : 0;
  }

  int status() const {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
  }

  tl::unexpected<Error> transfer_error(CURLcode code, milliseconds deadline) const {
    using Kind = Error::Kind;
    const std::string reason = curl_message_[0] != '\0' ? curl_message_.data() : curl_easy_strerror(code);
    if (options_.stop.stop_requested()) return failure(Kind::interrupted, "interrupted");
    if (is_too_large_ || code == CURLE_FILESIZE_EXCEEDED) {
      return failure(Kind::too_large,
                     fmt::format("the answer has more than {} bytes", options_.max_answer_bytes), status());
    }
    if (code == CURLE_OPERATION_TIMEDOUT && requests_sent_ == 0) {
      const auto waited = std::min(options_.connect_timeout, deadline);
      return failure(Kind::unreachable, fmt::format("no connection within {} ms", waited.count()));
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
      return failure(Kind::timeout, fmt::format("no answer within {} ms", deadline.count()));
    }
    if (requests_sent_ == 0) {
      // libcurl's own message speaks of "localhost port 80" where a unix socket is meant.
      long os_error = 0;
      if (code == CURLE_COULDNT_CONNECT) curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_error);
      return failure(Kind::unreachable,
                     os_error == 0 ? reason : std::generic_category().message(static_cast<int>(os_error)));
    }
    if (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_GOT_NOTHING) {
      return failure(Kind::http, "the connection was closed without an answer");
    }
    return failure(Kind::http, fmt::format("the answer broke off: {}", reason), status());
  }

  tl::unexpected<Error> failure(Error::Kind kind, std::string_view what, int status = 0) const {
    return tl::unexpected(
        Error{.kind = kind, .status = status, .message = fmt::format("{}: {}", options_.peer, what)});
  }

  const HttpOptions options_;
  std::unique_ptr<curl_slist, ListDeleter> headers_;
  std::unique_ptr<CURL, EasyDeleter> easy_;  // after headers_, which it borrows until it is cleaned up

  // what the transfer in progress fills in
  std::string body_;
  bool is_too_large_ = false;
  int requests_sent_ = 0;
  std::array<char, CURL_ERROR_SIZE> curl_message_{};
};

HttpClient::HttpClient(HttpOptions options) : connection_(std::make_unique<Connection>(std::move(options))) {}
HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::post(const std::string& path_and_query, std::string_view body,
                                    milliseconds deadline) {
  return connection_->post(path_and_query, body, deadline);
}

std::optional<std::string> HttpClient::header(const char* name) const {
  return connection_->header(name);
}

}  // namespace wsbench::rpc
