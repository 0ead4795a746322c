#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <asio/steady_timer.hpp>

#include "orchestrator/control/web/web_config.hpp"
#include "orchestrator/control/web/web_server.hpp"

// Part of the websocketpp island: C++17.

namespace wsbench::control::web {

/// The readers of /ws. A reader gets the greeting, then every text that is published. One that takes too
/// little misses texts until it has taken what it was sent, and is greeted anew. Used on the loop's thread.
class Feed {
 public:
  using Clock = std::chrono::steady_clock;

  /// `greeting` is asked each time that it is due to a reader. It does not throw; an empty one is a failure,
  /// and sends the reader away (1011).
  Feed(asio::io_context& loop, const WebServerOptions& options, std::function<std::string()> greeting);

  bool is_full() const noexcept { return readers_.size() >= options_.max_readers; }

  /// Sends away (1013) one for whom there is no place.
  void join(const WebConnectionPtr& connection);
  void leave(const WebConnection& connection);

  void publish(const std::string& text);

  /// A message or a ping of a reader came; false when it has said too much, and is sent away (1008).
  bool heard(WebConnection& connection);
  void heard_pong(const WebConnection& connection);

  /// Tells every reader that the server goes (1001).
  void close();

 private:
  struct Reader {
    WebConnectionPtr connection;
    std::size_t backlog_limit = 0;                 ///< bytes
    std::optional<Clock::time_point> fell_behind;  ///< none: it keeps up
    Clock::time_point pinged{};
    bool is_pong_due = false;
    unsigned said = 0;  ///< messages since the last ping
  };

  void greet(Reader& reader);
  void look_after_later();
  void look_after_all();
  /// False: it is to be let go.
  bool look_after(Reader& reader, Clock::time_point now);

  const WebServerOptions options_;
  const std::function<std::string()> greeting_;
  asio::steady_timer timer_;
  bool is_timer_set_ = false;
  std::unordered_map<const WebConnection*, Reader> readers_;
};

}  // namespace wsbench::control::web
