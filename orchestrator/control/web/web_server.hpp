#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "orchestrator/control/web/http.hpp"

namespace wsbench::control::web {

/// What the control server asks of whoever answers. All calls come from the server's one thread and must not
/// block: what takes time is answered later, from another thread. An exception costs its request (500), not
/// the server.
class WebHandler {
 public:
  virtual ~WebHandler() = default;
  /// An answer that ends the exchange before anything else is looked at (401, 403), or none. Asked for every
  /// request, also for one that wants to become a WebSocket.
  virtual std::optional<Response> refuse(const Request& request) = 0;
  /// Everything but a WebSocket: those are at /ws, and only there.
  virtual void handle(const Request& request, std::unique_ptr<Answer> answer) = 0;
  /// The first message for a new reader of /ws, and for one that has fallen behind.
  virtual std::string greeting() = 0;
};

struct WebServerOptions {
  std::string address = "127.0.0.1";  ///< numeric
  std::uint16_t port = 9002;          ///< 0: one that is free
  std::size_t max_connections = 512;
  std::size_t max_readers = 64;  ///< of the feed
  std::size_t max_body = 1U << 20U;
  /// From accept to the last byte of a request, and from send() to the last byte of its answer. How long the
  /// handler takes in between is its own affair.
  std::chrono::milliseconds exchange_limit{10000};
  std::size_t slowest_reader = 64U << 10U;  ///< bytes a second: a long answer has so much more time
  std::chrono::milliseconds stream_stall{
      60000};                              ///< a stream's reader that takes nothing for so long is dropped
  std::size_t stream_backlog = 1U << 20U;  ///< bytes unsent to a stream's reader: beyond, it is dropped
  /// Bytes unsent to a reader of the feed, beside its greeting: beyond, it has fallen behind.
  std::size_t reader_backlog = 1U << 20U;
  /// A reader that has fallen behind, or has not answered a ping, for so long is let go.
  std::chrono::milliseconds reader_limit{60000};
  std::chrono::milliseconds ping_interval{
      30000};  ///< of the feed's readers: a laptop asleep hangs up on nobody
};

/// HTTP and WebSocket on one port, by websocketpp on a thread of its own ("wsbench-web"), which gives way to
/// every other (SCHED_IDLE): answering must not disturb a measurement. Thread-safe.
///
/// A connection carries one exchange and is closed, in good order, after its answer. Malformed requests get
/// 400, chunked bodies 411, large ones 413, large heads 431, other versions 505; above max_connections, 503.
/// Readers of the feed who say more than a few words are sent away.
class WebServer {
 public:
  /// Listens and serves; the error says who has the port, or why not. The handler must outlive the server.
  static tl::expected<std::unique_ptr<WebServer>, std::string> start(const WebServerOptions& options,
                                                                     WebHandler& handler);
  /// Ends every connection and joins the thread, within a second; answers that were given already have a
  /// quarter of it to be taken.
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  std::uint16_t port() const noexcept;

  /// Sends a text to every reader of the feed. Never waits: a reader that has fallen behind misses it, and is
  /// greeted anew when it has caught up.
  void publish(std::shared_ptr<const std::string> text);

 private:
  class Impl;
  explicit WebServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsbench::control::web
