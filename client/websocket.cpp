#include "client/websocket.hpp"

#include <cerrno>
#include <string>
#include <utility>

#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/connection.hpp>
#include <websocketpp/connection_base.hpp>
#include <websocketpp/extensions/permessage_deflate/disabled.hpp>
#include <websocketpp/http/request.hpp>
#include <websocketpp/http/response.hpp>
#include <websocketpp/message_buffer/message.hpp>

#include "client/ending.hpp"
#include "client/frame.hpp"
#include "client/message_pool.hpp"
#include "client/random.hpp"
#include "client/transport/policy.hpp"

namespace wsbench::client {

using event::Ending;
using event::Reason;

namespace {

/// Keys of handshakes and masks. RFC 6455 wants masks that a server's scripts cannot predict, for the sake of
/// proxies; a benchmark sends its own bytes to its own server.
class KeySource {
 public:
  explicit KeySource(std::uint64_t seed) noexcept : random_(seed) {}
  std::uint32_t operator()() noexcept { return static_cast<std::uint32_t>(random_.next() >> 32U); }

 private:
  Random random_;
};

struct Config {
  using type = Config;
  using concurrency_type = websocketpp::concurrency::none;
  using request_type = websocketpp::http::parser::request;
  using response_type = websocketpp::http::parser::response;
  using message_type = websocketpp::message_buffer::message<MessagePool>;
  using con_msg_manager_type = MessagePool<message_type>;
  using elog_type = websocketpp::log::stub;
  using alog_type = websocketpp::log::stub;
  using rng_type = KeySource;
  using connection_base = websocketpp::connection_base;
  struct transport_type {
    using transport_con_type = transport::Policy;
  };
  struct permessage_deflate_config {};
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::disabled<permessage_deflate_config>;

  static constexpr bool enable_multithreading = false;
  static constexpr long timeout_open_handshake = 0;  // 0: no timer
  static constexpr long timeout_close_handshake = 0;
  static constexpr long timeout_pong = 0;
  static constexpr int client_version = 13;
  // Every connection has such a buffer: large enough for a handshake's answer in one read, small in
  // thousands.
  static constexpr std::size_t connection_read_buffer_size = 1024;
  static constexpr bool drop_on_protocol_error = true;
  static constexpr bool silent_close = false;
  static constexpr std::size_t max_message_size = 32U << 20U;
  static constexpr std::size_t max_http_body_size = 64U << 10U;
  // When off, websocketpp takes every answer for a failed negotiation; none is implemented.
  static constexpr bool enable_extensions = true;
};

}  // namespace

struct Dialer::Parts {
  transport::Loop& loop;
  transport::Address peer;
  std::size_t largest;
  websocketpp::uri_ptr uri;
  KeySource keys;
  std::shared_ptr<websocketpp::log::stub> log = std::make_shared<websocketpp::log::stub>();
};

class Connection final : public websocketpp::connection<Config> {
 public:
  Connection(Dialer::Parts& parts, WebSocket::Listener& listener)
      : connection(false, "wsbench", parts.log, parts.log, parts.keys),
        keys_(parts.keys),
        listener_(&listener) {
    set_handle(websocketpp::connection_hdl());
    set_uri(parts.uri);
    set_max_message_size(parts.largest);
    set_open_handler([this](const auto&) { opened(); });
    set_fail_handler([this](const auto&) { shut(); });
    set_close_handler([this](const auto&) { shut(); });
    set_message_handler([this](const auto&, const message_ptr& message) { received(*message); });
    set_pong_handler([this](const auto&, const std::string& payload) {
      if (listener_ != nullptr) listener_->on_pong(payload);
    });
  }

  void connect(Dialer::Parts& parts, const transport::Address* source) {
    begin_connect(parts.loop, parts.peer, source);
  }

  void send_frame(Opcode opcode, std::string_view payload, bool last) {
    const message_ptr message =
        get_message(static_cast<websocketpp::frame::opcode::value>(opcode), payload.size());
    const std::uint32_t mask = keys_();
    message->set_header(frame_header(opcode, last, payload.size(), mask));
    append_masked(message->get_raw_payload(), payload, mask);
    message->set_prepared(true);
    send(message);
  }

  void begin_close(std::uint16_t code) {
    std::error_code not_open;
    close(code, std::string(), not_open);
    closed_by_us_ = closed_by_us_ || !not_open;
  }

  void abort() noexcept {
    listener_ = nullptr;
    close_stream();
  }

 private:
  void opened() {
    if (listener_ == nullptr || ended_) return;  // websocketpp opens even what it has just terminated.
    if (!get_response_header("Sec-WebSocket-Extensions").empty() ||
        !get_response_header("Sec-WebSocket-Protocol").empty()) {
      // We offered none: RFC 6455, section 4.1, has the client fail the connection.
      terminate(websocketpp::error::make_error_code(websocketpp::error::extension_neg_failed));
      return;
    }
    listener_->on_open(read_at());
  }

  void received(const Config::message_type& message) {
    if (listener_ == nullptr) return;
    const std::string& payload = message.get_payload();
    listener_->on_message(payload, static_cast<Opcode>(message.get_opcode()), read_at());
  }

  void transport_connected(std::error_code error) override {
    if (error) {
      terminate(error);
    } else {
      start();
    }
  }

  /// The only sign of the server's close frame that websocketpp gives before TCP ends.
  void transport_read() override {
    if (get_state() != websocketpp::session::state::closing) return;
    const auto code = get_remote_close_code();
    if (code == websocketpp::close::status::abnormal_close) return;  // None came yet.
    end({closed_by_us_ ? Reason::completed : Reason::normal, code}, true);
  }

  void transport_threw() noexcept override {
    end(ending_of_errno(ENOMEM), false);
    tell_gone();
  }

  void shut() {
    end(ending(), false);
    tell_gone();
  }

  Ending ending() const {
    namespace errors = websocketpp::processor::error;
    const std::error_code code = get_ec();
    if (!code || code == make_error_code(websocketpp::transport::error::eof))
      return {Reason::end_of_stream, 0};
    if (code.category() == std::system_category()) return ending_of_errno(code.value());
    if (code == errors::make_error_code(errors::invalid_http_status)) {
      return {Reason::handshake_rejected, static_cast<std::uint16_t>(get_response_code())};
    }
    return {Reason::protocol_error, 0};
  }

  void end(const Ending& ending, bool by_close_frame) noexcept {
    if (std::exchange(ended_, true) || listener_ == nullptr) return;
    listener_->on_end(ending, by_close_frame, event::Clock::now());
  }

  void tell_gone() noexcept {
    if (WebSocket::Listener* listener = std::exchange(listener_, nullptr)) listener->on_gone();
  }

  KeySource& keys_;
  WebSocket::Listener* listener_;
  bool closed_by_us_ = false;
  bool ended_ = false;
};

WebSocket::WebSocket(std::shared_ptr<Connection> connection) noexcept : connection_(std::move(connection)) {}

WebSocket& WebSocket::operator=(WebSocket&& other) noexcept {
  if (this != &other) {
    abort();
    connection_ = std::move(other.connection_);
  }
  return *this;
}

WebSocket::~WebSocket() {
  abort();
}

void WebSocket::send(Opcode opcode, std::string_view payload, bool last) {
  connection_->send_frame(opcode, payload, last);
}

std::size_t WebSocket::unsent() const noexcept {
  return connection_->get_buffered_amount();
}

void WebSocket::close(std::uint16_t code) {
  connection_->begin_close(code);
}

void WebSocket::abort() noexcept {
  if (connection_) connection_->abort();
}

Dialer::Dialer(transport::Loop& loop, const Target& target, const transport::Address& peer,
               std::uint64_t seed, std::size_t largest)
    : parts_(new Parts{loop, peer, largest, nullptr, KeySource(seed)}) {
  // An IPv6 address stands in brackets in the Host header.
  const bool is_ipv6 = target.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + target.host + "]" : target.host;
  parts_->uri = std::make_shared<websocketpp::uri>(false, host, target.port, target.path);
}

Dialer::~Dialer() = default;

WebSocket Dialer::dial(WebSocket::Listener& listener, const transport::Address* source) {
  auto connection = std::make_shared<Connection>(*parts_, listener);
  connection->connect(*parts_, source);
  return WebSocket(std::move(connection));
}

}  // namespace wsbench::client
