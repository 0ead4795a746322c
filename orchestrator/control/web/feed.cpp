#include "orchestrator/control/web/feed.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <websocketpp/close.hpp>
#include <websocketpp/frame.hpp>

namespace wsbench::control::web {

namespace {

namespace close = websocketpp::close::status;
namespace frame = websocketpp::frame;

// A browser says nothing but close and pong; what else comes between two pings is borne up to this number.
constexpr unsigned kMaxSaid = 16;

void send_away(WebConnection& connection, close::value code, const std::string& reason) {
  websocketpp::lib::error_code not_open;
  connection.close(code, reason, not_open);
}

/// One frame that every reader's queue shares: the text is there once, however many read it.
WebConfig::message_type::ptr text_frame(WebConnection& connection, const std::string& text) {
  auto message = connection.get_message(frame::opcode::text, text.size());
  const frame::basic_header basic(frame::opcode::text, text.size(), true, false);
  const frame::extended_header extended(text.size());
  message->set_header(frame::prepare_header(basic, extended));
  message->append_payload(text);
  message->set_prepared(true);
  return message;
}

}  // namespace

Feed::Feed(asio::io_context& loop, const WebServerOptions& options, std::function<std::string()> greeting)
    : options_(options), greeting_(std::move(greeting)), timer_(loop) {}

void Feed::join(const WebConnectionPtr& connection) {
  if (is_full()) return send_away(*connection, close::try_again_later, "too many readers");
  Reader& reader = readers_[connection.get()];
  reader.connection = connection;
  reader.pinged = Clock::now();
  greet(reader);
  look_after_later();
}

void Feed::leave(const WebConnection& connection) {
  readers_.erase(&connection);
}

void Feed::greet(Reader& reader) {
  const std::string text = greeting_();
  if (text.empty()) return send_away(*reader.connection, close::internal_endpoint_error, "no greeting");
  reader.fell_behind.reset();
  // A greeting longer than the limit must not make its reader fall behind at once.
  reader.backlog_limit = options_.reader_backlog + text.size();
  reader.connection->send(text_frame(*reader.connection, text));
}

void Feed::publish(const std::string& text) {
  WebConfig::message_type::ptr message;
  for (auto& [connection, reader] : readers_) {
    if (reader.fell_behind) continue;
    if (reader.connection->get_buffered_amount() > reader.backlog_limit) {
      reader.fell_behind = Clock::now();
      continue;
    }
    if (!message) message = text_frame(*reader.connection, text);
    reader.connection->send(message);
  }
}

bool Feed::heard(WebConnection& connection) {
  const auto found = readers_.find(&connection);
  if (found == readers_.end()) return false;
  if (++found->second.said <= kMaxSaid) return true;
  send_away(connection, close::policy_violation, "this feed is for reading");
  return false;
}

void Feed::heard_pong(const WebConnection& connection) {
  const auto found = readers_.find(&connection);
  if (found != readers_.end()) found->second.is_pong_due = false;
}

void Feed::look_after_later() {
  if (is_timer_set_ || readers_.empty()) return;
  is_timer_set_ = true;
  using std::chrono::milliseconds;
  const milliseconds shortest = std::min(options_.reader_limit, options_.ping_interval) / 4;
  timer_.expires_after(std::clamp(shortest, milliseconds(10), milliseconds(1000)));
  timer_.async_wait([this](asio::error_code error) {
    is_timer_set_ = false;
    if (error) return;
    look_after_all();
    look_after_later();
  });
}

void Feed::look_after_all() {
  const auto now = Clock::now();
  std::vector<WebConnectionPtr> let_go;
  for (auto& [connection, reader] : readers_) {
    if (!look_after(reader, now)) let_go.push_back(reader.connection);
  }
  // The close handler takes them out of the map.
  for (const auto& connection : let_go) {
    connection->terminate(websocketpp::error::make_error_code(websocketpp::error::general));
  }
}

bool Feed::look_after(Reader& reader, Clock::time_point now) {
  if (reader.fell_behind) {
    if (reader.connection->get_buffered_amount() == 0) {
      greet(reader);
    } else if (now - *reader.fell_behind > options_.reader_limit) {
      return false;
    }
  }
  if (reader.is_pong_due) return now - reader.pinged <= options_.reader_limit;
  if (now - reader.pinged >= options_.ping_interval) {
    reader.pinged = now;
    reader.is_pong_due = true;
    reader.said = 0;
    websocketpp::lib::error_code not_open;
    reader.connection->ping("", not_open);
  }
  return true;
}

void Feed::close() {
  timer_.cancel();
  for (auto& [connection, reader] : readers_) {
    send_away(*reader.connection, close::going_away, "wsbench goes");
  }
}

}  // namespace wsbench::control::web
