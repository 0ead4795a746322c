#include "client/websocket/websocket.hpp"

#include <cerrno>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

#include <websocketpp/close.hpp>
#include <websocketpp/common/connection_hdl.hpp>
#include <websocketpp/extensions/permessage_deflate/disabled.hpp>
#include <websocketpp/http/request.hpp>
#include <websocketpp/http/response.hpp>
#include <websocketpp/processors/hybi13.hpp>
#include <websocketpp/uri.hpp>
#include <websocketpp/utf8_validator.hpp>

#include "client/transport/prefetch.hpp"
#include "client/websocket/ending.hpp"
#include "client/websocket/frame.hpp"
#include "client/websocket/message_pool.hpp"
#include "client/websocket/random.hpp"

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

/// What websocketpp's protocol core is made of.
struct Config {
  using request_type = websocketpp::http::parser::request;
  using response_type = websocketpp::http::parser::response;
  using message_type = Message;
  using con_msg_manager_type = MessagePool;
  using rng_type = KeySource;
  struct permessage_deflate_config {};
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::disabled<permessage_deflate_config>;
  static constexpr std::size_t max_message_size = 32U << 20U;
  static constexpr bool enable_extensions = true;
};
using Processor = websocketpp::processor::hybi13<Config>;

constexpr char kKeyHeader[] = "Sec-WebSocket-Key";

bool is_utf8(const std::string& text) noexcept {
  constexpr std::uint64_t kTopBits = 0x8080808080808080U;
  std::uint64_t bits = 0;
  std::size_t i = 0;
  for (std::uint64_t word; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    bits |= word;
  }
  for (; i < text.size(); ++i) bits |= static_cast<unsigned char>(text[i]);
  const bool is_ascii = (bits & kTopBits) == 0;
  return is_ascii || websocketpp::utf8_validator::validate(text);
}

/// The request is the same for all connections but for its key.
class HandshakeRequest {
 public:
  HandshakeRequest(const Processor& processor, const Target& target, KeySource& keys) : keys_(keys) {
    // An IPv6 address stands in brackets in the Host header.
    const bool is_ipv6 = target.host.find(':') != std::string::npos;
    const std::string host = is_ipv6 ? "[" + target.host + "]" : target.host;
    const auto uri = std::make_shared<websocketpp::uri>(false, host, target.port, target.path);
    processor.client_handshake_request(request_, uri, {});
    request_.replace_header("User-Agent", "wsbench");
    text_ = request_.raw();
    key_place_ = text_.find(request_.get_header(kKeyHeader));
  }

  std::string new_key() {
    std::uint32_t bytes[4];
    for (std::uint32_t& word : bytes) word = keys_();
    return websocketpp::base64_encode(reinterpret_cast<const unsigned char*>(bytes), sizeof bytes);
  }

  const std::string& text_with(const std::string& key) {
    text_.replace(key_place_, key.size(), key);
    return text_;
  }

  const Config::request_type& request_with(const std::string& key) {
    request_.replace_header(kKeyHeader, key);
    return request_;
  }

 private:
  KeySource& keys_;
  Config::request_type request_;
  std::string text_;
  std::size_t key_place_ = 0;
};

}  // namespace

struct Dialer::Parts {
  Parts(transport::Loop& its_loop, const Target& target, const transport::Address& its_peer,
        std::uint64_t seed, std::size_t its_largest)
      : loop(its_loop),
        peer(its_peer),
        largest(its_largest),
        keys(seed),
        request(Processor(false, false, messages, keys), target, keys) {}

  transport::Loop& loop;
  transport::Address peer;
  std::size_t largest;
  KeySource keys;
  MessagePool::ptr messages = std::make_shared<MessagePool>();
  HandshakeRequest request;
  std::string outgoing;  ///< the frame that is being sent
};

class Connection final : private transport::Stream::Listener {
 public:
  Connection(Dialer::Parts& parts, WebSocket::Listener& listener, transport::Source* source,
             transport::Stamps stamps)
      : parts_(parts),
        listener_(&listener),
        stream_(parts.loop.make_stream(*this, stamps)),
        processor_(false, false, parts.messages, parts.keys) {
    processor_.set_max_message_size(parts.largest);
    stream_->connect(parts.peer, source);
  }

  std::size_t unsent() const noexcept { return stream_->unsent(); }

  void send(Opcode opcode, std::string_view payload, bool last) {
    if (state_ == State::open) write_frame(opcode, payload, last);
  }

  void begin_close(std::uint16_t code) {
    if (state_ != State::open) return;
    state_ = State::closing;
    closed_by_us_ = true;
    write_close(code, {});
  }

  void abort() noexcept {
    listener_ = nullptr;
    state_ = State::ended;
    stream_->close();
  }

 private:
  enum class State : std::uint8_t { connecting, handshake, open, closing, ended };

  struct Handshake {
    std::string key;
    Config::response_type response;
  };

  void on_connected(int error) noexcept override {
    guarded([&] {
      if (error != 0) return fail(ending_of_errno(error));
      state_ = State::handshake;
      handshake_ = std::make_unique<Handshake>();
      handshake_->key = parts_.request.new_key();
      stream_->write(parts_.request.text_with(handshake_->key));
    });
  }

  void on_read(char* bytes, std::size_t size) noexcept override {
    guarded([&] {
      if (state_ == State::handshake) {
        const std::size_t used = read_handshake(bytes, size);
        bytes += used;
        size -= used;
      }
      read_frames(reinterpret_cast<unsigned char*>(bytes), size);
    });
  }

  void on_read_lag(const event::ReadLag& lag) noexcept override {
    if (listener_ != nullptr) listener_->on_read_lag(lag, parts_.loop.read_at());
  }

  void on_ended(int error) noexcept override {
    if (closed_by_us_) return fail({Reason::close_unanswered, 0});
    fail(error == 0 ? Ending{Reason::end_of_stream, 0} : ending_of_errno(error));
  }

  std::size_t read_handshake(const char* bytes, std::size_t size) {
    Config::response_type& response = handshake_->response;
    std::size_t used = 0;
    try {
      used = response.consume(bytes, size);
    } catch (const websocketpp::http::exception&) {
      fail({Reason::protocol_error, 0});
      return size;
    }
    if (response.headers_ready()) finish_handshake();
    return used;
  }

  void finish_handshake() {
    namespace errors = websocketpp::processor::error;
    const auto handshake = std::move(handshake_);
    Config::response_type& response = handshake->response;
    const std::error_code error =
        processor_.validate_server_handshake_response(parts_.request.request_with(handshake->key), response);
    if (error == errors::make_error_code(errors::invalid_http_status)) {
      return fail({Reason::handshake_rejected, static_cast<std::uint16_t>(response.get_status_code())});
    }
    // We offered no extension and no subprotocol: RFC 6455, section 4.1, has the client fail the connection.
    if (error || !response.get_header("Sec-WebSocket-Extensions").empty() ||
        !response.get_header("Sec-WebSocket-Protocol").empty()) {
      return fail({Reason::protocol_error, 0});
    }
    state_ = State::open;
    listener_->on_open(parts_.loop.read_at());
  }

  void read_frames(unsigned char* bytes, std::size_t size) {
    std::size_t used = 0;
    while (used < size && (state_ == State::open || state_ == State::closing)) {
      std::error_code error;
      used += processor_.consume(bytes + used, size - used, error);
      if (error) return fail({Reason::protocol_error, 0});
      if (processor_.ready()) take(*processor_.get_message());
    }
  }

  void take(const Message& message) {
    namespace opcodes = websocketpp::frame::opcode;
    const std::string& payload = message.get_payload();
    switch (message.opcode()) {
      case opcodes::close:
        return take_close(payload);
      case opcodes::ping:
        if (state_ == State::open) write_frame(Opcode::pong, payload, true);
        return;
      case opcodes::pong:
        if (state_ == State::open) listener_->on_pong(payload);
        return;
      default:
        if (message.opcode() == opcodes::text && !is_utf8(payload)) return fail({Reason::protocol_error, 0});
        if (state_ == State::open) {
          listener_->on_message(payload, static_cast<Opcode>(message.opcode()), parts_.loop.read_at());
        }
    }
  }

  /// TCP stays open, so that it is the server who closes it (RFC 6455, section 7.1.1).
  void take_close(const std::string& payload) {
    std::error_code error;
    const auto code = websocketpp::close::extract_code(payload, error);
    std::string reason;
    if (!error) reason = websocketpp::close::extract_reason(payload, error);
    if (error) return fail({Reason::protocol_error, 0});
    if (state_ == State::open) {
      state_ = State::closing;
      const bool has_code = code != websocketpp::close::status::no_status;
      write_close(has_code ? code : websocketpp::close::status::normal, reason);
    }
    tell_end({closed_by_us_ ? Reason::completed : Reason::normal, code}, true);
  }

  void write_close(std::uint16_t code, const std::string& reason) {
    const char bytes[] = {static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
    write_frame(Opcode::close, std::string(bytes, sizeof bytes) + reason, true);
  }

  void write_frame(Opcode opcode, std::string_view payload, bool last) {
    const std::uint32_t mask = parts_.keys();
    parts_.outgoing = frame_header(opcode, last, payload.size(), mask);
    append_masked(parts_.outgoing, payload, mask);
    stream_->write(parts_.outgoing);
  }

  void fail(const Ending& ending) noexcept {
    state_ = State::ended;
    stream_->close();
    tell_end(ending, false);
    if (WebSocket::Listener* listener = std::exchange(listener_, nullptr)) listener->on_gone();
  }

  void tell_end(const Ending& ending, bool by_close_frame) noexcept {
    if (std::exchange(end_told_, true) || listener_ == nullptr) return;
    listener_->on_end(ending, by_close_frame, event::Clock::now());
  }

  /// Out of memory, or a bug in websocketpp: an exception came out of it.
  template <typename Step>
  void guarded(Step&& step) noexcept {
    try {
      step();
    } catch (const std::exception&) {
      fail(ending_of_errno(ENOMEM));
    }
  }

  Dialer::Parts& parts_;
  WebSocket::Listener* listener_;  ///< null after its last call
  transport::StreamPtr stream_;
  std::unique_ptr<Handshake> handshake_;  ///< only while it lasts
  Processor processor_;
  State state_ = State::connecting;
  bool closed_by_us_ = false;
  bool end_told_ = false;
};

void WebSocket::Deleter::operator()(Connection* connection) const noexcept {
  delete connection;
}

void WebSocket::send(Opcode opcode, std::string_view payload, bool last) {
  connection_->send(opcode, payload, last);
}

std::size_t WebSocket::unsent() const noexcept {
  return connection_->unsent();
}

void WebSocket::prefetch() const noexcept {
  transport::prefetch_object(connection_.get());
}

void WebSocket::close(std::uint16_t code) {
  connection_->begin_close(code);
}

void WebSocket::abort() noexcept {
  if (connection_) connection_->abort();
}

Dialer::Dialer(transport::Loop& loop, const Target& target, const transport::Address& peer,
               std::uint64_t seed, std::size_t largest)
    : parts_(new Parts(loop, target, peer, seed, largest)) {}

Dialer::~Dialer() = default;

WebSocket Dialer::dial(WebSocket::Listener& listener, transport::Source* source, transport::Stamps stamps) {
  return WebSocket(*new Connection(*parts_, listener, source, stamps));
}

}  // namespace wsbench::client
