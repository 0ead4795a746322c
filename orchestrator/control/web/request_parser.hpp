#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <websocketpp/http/request.hpp>

#include "orchestrator/control/web/http.hpp"

// Part of the websocketpp island: C++17.

namespace wsbench::control::web {

/// websocketpp's parser, made strict; websocketpp takes it for its own (it is the config's request_type).
/// What is wrong with a request doesn't throw: the request is then ready, an ordinary one, and problem() is
/// its answer. So whatever is said to a client is said in one place and one form.
///
/// Beyond websocketpp's own checks: HTTP/1.0 without a Host is let in; only HTTP/1.0 and 1.1; one Host;
/// digits only in Content-Length; a Transfer-Encoding gets 411 as from supervisord; no control characters;
/// WebSocket handshakes only of version 13.
class RequestParser : public websocketpp::http::parser::request {
 public:
  /// Takes the next bytes of the connection; how many of them belong to the request. Not to be called again
  /// once it is ready.
  std::size_t consume(const char* bytes, std::size_t size);
  bool ready() const noexcept;

  /// The answer to a request that is not to be looked at; nullptr when it is in order.
  const Response* problem() const noexcept;
  /// Whether there was no Host and a stand-in was put in its place, for websocketpp's sake.
  bool is_host_invented() const noexcept { return is_host_invented_; }

 private:
  std::optional<Response> problem_of_head() const;
  void fail(Response response);
  std::optional<Response> feed(const char* bytes, std::size_t size);

  std::string head_;  ///< until it is whole
  bool is_head_whole_ = false;
  bool is_host_invented_ = false;
  std::optional<Response> problem_;
};

}  // namespace wsbench::control::web
