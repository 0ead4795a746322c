#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/error.hpp"

namespace wsbench::rpc {

/// Which server is asked, and what is the same in every request.
struct HttpOptions {
  std::string origin{};       ///< "http://host:port"
  std::string unix_socket{};  ///< a path, to which the connection goes instead; empty: TCP
  std::string peer{};         ///< how messages call the server
  std::string user{};         ///< for basic authentication; empty: none
  std::string password{};
  std::vector<std::string> headers{};  ///< "Name: value"
  std::chrono::milliseconds connect_timeout{2000};
  std::size_t max_answer_bytes = 64U << 20U;
  std::stop_token stop{};  ///< a request ends soon after a stop is asked for
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// HTTP/1.1 by libcurl over TCP or a unix socket, one connection that is kept alive. Follows no redirect and
/// uses no proxy. A request is never sent twice: the server may have acted on it. Used from one thread at a
/// time.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Answers of every status are results. The error is of kind unreachable, timeout, too_large, http or
  /// interrupted, and its message begins with the peer.
  Result<HttpAnswer> post(const std::string& path_and_query, std::string_view body,
                          std::chrono::milliseconds deadline);

  /// A header of the last answer; nothing when it has none of that name.
  std::optional<std::string> header(const char* name) const;

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace wsbench::rpc
