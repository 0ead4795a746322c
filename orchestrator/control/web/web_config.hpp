#pragma once

#include <memory>
#include <optional>
#include <string>

#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/extensions/permessage_deflate/disabled.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/server.hpp>

#include "orchestrator/control/web/connection_slots.hpp"
#include "orchestrator/control/web/request_parser.hpp"

// Part of the websocketpp island: C++17.

namespace wsbench::control::web {

/// What we keep with each of websocketpp's connections (its config's connection_base).
struct ConnectionState {
  std::optional<ConnectionSlots::Slot> slot;
  std::shared_ptr<asio::steady_timer> deadline;  ///< of the request
  std::string peer;                              ///< "127.0.0.1:41234"
};

/// One thread, no logs, no compression, strict requests. The timers are our own: websocketpp's opening timer
/// would know nothing of answers that are written by an Exchange.
struct WebConfig : websocketpp::config::asio {
  using type = WebConfig;
  using base = websocketpp::config::asio;
  using concurrency_type = websocketpp::concurrency::none;
  using request_type = RequestParser;
  using response_type = base::response_type;
  using elog_type = websocketpp::log::stub;
  using alog_type = websocketpp::log::stub;
  using connection_base = ConnectionState;

  struct transport_config : base::transport_config {
    using concurrency_type = WebConfig::concurrency_type;
    using elog_type = WebConfig::elog_type;
    using alog_type = WebConfig::alog_type;
    using request_type = WebConfig::request_type;
    using response_type = WebConfig::response_type;
    static constexpr bool enable_multithreading = false;
    static constexpr long timeout_socket_post_init = 0;
  };
  using transport_type = websocketpp::transport::asio::endpoint<transport_config>;

  struct permessage_deflate_config {};
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::disabled<permessage_deflate_config>;

  static constexpr bool enable_multithreading = false;
  static constexpr long timeout_open_handshake = 0;
  static constexpr std::size_t connection_read_buffer_size = 4096;
  /// The feed's readers have nothing to say.
  static constexpr std::size_t max_message_size = 1024;
};

using WebEndpoint = websocketpp::server<WebConfig>;
using WebConnection = WebEndpoint::connection_type;
using WebConnectionPtr = WebEndpoint::connection_ptr;

}  // namespace wsbench::control::web
