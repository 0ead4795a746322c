#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the control server's parts say to each other about one HTTP exchange. (Clean in C++17 and C++20.)

namespace wsbench::control::web {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request, read whole and within the server's limits.
struct Request {
  std::string method;  ///< "GET"; a HEAD comes as GET, and the server leaves the body out
  std::string path;    ///< "/api/runs/smoke-20261123T000000Z": percent-decoded, without the query
  std::string query;   ///< "bytes=100": as it came, without the '?'
  Headers headers;     ///< names in lower case; "host" is missing where an HTTP/1.0 client sent none
  std::string body;
  std::string peer;  ///< "127.0.0.1:41234", for the log

  /// The first header of that name (in lower case), or nullptr.
  const std::string* header(std::string_view name) const noexcept;
};

/// The server adds Date, Server, Content-Length, Connection, X-Content-Type-Options and, where there is none,
/// Cache-Control: no-store.
struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;                    ///< not sent with 204 and 304
  Headers headers{};                   ///< further ones; control characters in them become spaces
  std::chrono::milliseconds after{0};  ///< held back for so long: what was guessed wrong is told slowly
};

/// An answer whose end is not known yet: a log that is followed. Used by one thread at a time, whichever it
/// is. Destroying it ends the answer. May outlive the connection and the server.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Queues text for the reader, never waits; false when the reader has gone or is too slow: then nothing
  /// more is to come. An empty text only asks.
  virtual bool write(std::string_view text) = 0;
};

/// Answers one request, once: with send(), or with stream(). May be kept, and used from any thread (one at a
/// time), also when the connection or the server has gone already. One that is destroyed without an answer
/// answers 500.
class Answer {
 public:
  virtual ~Answer() = default;
  virtual void send(Response response) = 0;
  /// Begins an answer of status 200 in chunks.
  virtual std::unique_ptr<Stream> stream(std::string content_type) = 0;
};

}  // namespace wsbench::control::web
