#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "orchestrator/control/http.hpp"

namespace wsbench::control {

/// What the control server asks of whoever answers. All calls come from the server's one thread and must not
/// block: what takes time is answered later, from another thread.
class WebHandler {
 public:
  virtual ~WebHandler() = default;
  /// An answer that ends the exchange before anything else is looked at (401, 403), or none. Asked for every
  /// request, also for one that wants to become a WebSocket.
  virtual std::optional<Response> refuse(const Request& request) = 0;
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
  std::chrono::milliseconds exchange_limit{
      10000};  ///< from accept to the last byte of an answer; streams apart
  std::size_t reader_backlog =
      1U << 20U;  ///< bytes unsent to a reader of the feed: beyond, it has fallen behind
  std::chrono::milliseconds reader_limit{60000};  ///< fallen behind for so long, it is let go
};

/// HTTP and WebSocket on one port, by websocketpp on a thread of its own, which gives way to every other
/// (SCHED_IDLE): answering must not disturb a measurement. Thread-safe.
class WebServer {
 public:
  /// Listens and serves; the error says who has the port, or why not. The handler must outlive the server.
  static tl::expected<std::unique_ptr<WebServer>, std::string> start(const WebServerOptions& options,
                                                                     WebHandler& handler);
  /// Ends every connection and joins the thread.
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

}  // namespace wsbench::control
