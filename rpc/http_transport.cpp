#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <system_error>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "rpc/transport.hpp"

namespace wsbench::rpc {
namespace {

using std::chrono::milliseconds;

struct EasyDeleter {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// Thread-safe by the rules of local statics, which curl_global_init itself is not in every build.
bool is_curl_ready() {
  static const CURLcode outcome = curl_global_init(CURL_GLOBAL_DEFAULT);
  return outcome == CURLE_OK;
}

/// libcurl takes 0 for "no limit", so the least is a millisecond.
long curl_milliseconds(milliseconds duration) {
  constexpr long kMost = std::numeric_limits<int>::max();
  return static_cast<long>(std::clamp<std::int64_t>(duration.count(), 1, kMost));
}

class HttpTransport final : public Transport {
 public:
  HttpTransport(Endpoint endpoint, TransportLimits limits)
      : endpoint_(std::move(endpoint)), limits_(limits), easy_(is_curl_ready() ? curl_easy_init() : nullptr) {
    if (easy_ != nullptr) configure();
  }

  tl::expected<std::string, Error> post(std::string_view body, milliseconds deadline) override {
    if (easy_ == nullptr) {
      return tl::unexpected(make_error(Error::Kind::unreachable, 0, "libcurl could not be initialised"));
    }
    set(CURLOPT_POSTFIELDS, body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_TIMEOUT_MS, curl_milliseconds(deadline));
    set(CURLOPT_CONNECTTIMEOUT_MS, curl_milliseconds(std::min(limits_.connect_timeout, deadline)));
    answer_.clear();
    is_too_large_ = false;
    requests_sent_ = 0;
    curl_message_[0] = '\0';

    const CURLcode code = curl_easy_perform(easy_.get());
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK) return tl::unexpected(transfer_error(code, deadline, static_cast<int>(status)));
    if (status != 200) return tl::unexpected(status_error(static_cast<int>(status)));
    return std::move(answer_);
  }

 private:
  template <typename T>
  void set(CURLoption option, T value) {
    [[maybe_unused]] const CURLcode code = curl_easy_setopt(easy_.get(), option, value);
    assert(code == CURLE_OK);
  }

  void configure() {
    headers_.reset(curl_slist_append(nullptr, "Content-Type: text/xml"));
    headers_.reset(curl_slist_append(headers_.release(), "Accept: text/xml"));
    // supervisord never answers "100 Continue": libcurl would wait for it before a larger body.
    headers_.reset(curl_slist_append(headers_.release(), "Expect:"));
    set(CURLOPT_HTTPHEADER, headers_.get());

    if (endpoint_.unix_socket.empty()) {
      set(CURLOPT_URL, (endpoint_.display() + "/RPC2").c_str());
    } else {
      set(CURLOPT_URL, "http://localhost/RPC2");
      set(CURLOPT_UNIX_SOCKET_PATH, endpoint_.unix_socket.c_str());
    }
    if (!endpoint_.user.empty()) {
      set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
      set(CURLOPT_USERNAME, endpoint_.user.c_str());
      set(CURLOPT_PASSWORD, endpoint_.password.c_str());
    }
    set(CURLOPT_POST, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PROXY, "");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, curl_message_.data());
    set(CURLOPT_WRITEFUNCTION, &HttpTransport::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_PREREQFUNCTION, &HttpTransport::before_request);
    set(CURLOPT_PREREQDATA, this);
  }

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self_pointer) noexcept {
    auto& self = *static_cast<HttpTransport*>(self_pointer);
    const std::size_t bytes = size * count;
    if (bytes > self.limits_.max_response_bytes - self.answer_.size()) {
      self.is_too_large_ = true;
      return 0;
    }
    self.answer_.append(data, bytes);
    return bytes;
  }

  /// A reused connection found closed before anything was sent is replaced by libcurl without our noticing.
  /// But libcurl also sends a request again when such a connection breaks after the request went out, and
  /// then nobody knows whether the server has acted on it: a start or a stop must not be done twice.
  static int before_request(void* self_pointer, char* /*remote_address*/, char* /*local_address*/,
                            int /*remote_port*/, int /*local_port*/) noexcept {
    auto& self = *static_cast<HttpTransport*>(self_pointer);
    return ++self.requests_sent_ > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
  }

  Error transfer_error(CURLcode code, milliseconds deadline, int status) const {
    using Kind = Error::Kind;
    const std::string peer = endpoint_.display();
    const std::string reason = curl_message_[0] != '\0' ? curl_message_.data() : curl_easy_strerror(code);
    if (is_too_large_) {
      return make_error(Kind::too_large, status,
                        fmt::format("{} answered with more than {} bytes", peer, limits_.max_response_bytes));
    }
    if (code == CURLE_OPERATION_TIMEDOUT && requests_sent_ == 0) {
      const auto waited = std::min(limits_.connect_timeout, deadline);
      return make_error(Kind::unreachable, 0,
                        fmt::format("{}: no connection within {} ms", peer, waited.count()));
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
      return make_error(Kind::timeout, 0,
                        fmt::format("{} did not answer within {} ms", peer, deadline.count()));
    }
    if (requests_sent_ == 0) {
      // libcurl speaks of "localhost port 80" where it means the unix socket.
      long os_error = 0;
      if (code == CURLE_COULDNT_CONNECT) curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_error);
      return make_error(
          Kind::unreachable, 0,
          fmt::format("{}: {}", peer,
                      os_error == 0 ? reason : std::generic_category().message(static_cast<int>(os_error))));
    }
    if (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_GOT_NOTHING) {
      return make_error(Kind::http, 0, fmt::format("{} closed the connection without an answer", peer));
    }
    return make_error(Kind::http, status, fmt::format("{} broke off its answer: {}", peer, reason));
  }

  Error status_error(int status) const {
    const std::string peer = endpoint_.display();
    if (status != 401) {
      return make_error(Error::Kind::http, status,
                        fmt::format("{} answered with HTTP status {}", peer, status));
    }
    return make_error(Error::Kind::unauthorized, status,
                      endpoint_.user.empty()
                          ? fmt::format("{} asks for a user and a password", peer)
                          : fmt::format("{} refuses the password of user \"{}\"", peer, endpoint_.user));
  }

  static Error make_error(Error::Kind kind, int status, std::string message) {
    Error error;
    error.kind = kind;
    error.status = status;
    error.message = std::move(message);
    return error;
  }

  const Endpoint endpoint_;
  const TransportLimits limits_;
  std::unique_ptr<curl_slist, ListDeleter> headers_;
  std::unique_ptr<CURL, EasyDeleter> easy_;  // after headers_, which it borrows until it is cleaned up

  // what the transfer in progress fills in
  std::string answer_;
  bool is_too_large_ = false;
  int requests_sent_ = 0;
  std::array<char, CURL_ERROR_SIZE> curl_message_{};
};

}  // namespace

std::unique_ptr<Transport> make_http_transport(Endpoint endpoint, TransportLimits limits) {
  return std::make_unique<HttpTransport>(std::move(endpoint), limits);
}

}  // namespace wsbench::rpc
