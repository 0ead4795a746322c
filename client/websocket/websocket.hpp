#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "client/transport/loop.hpp"
#include "client/websocket/frame.hpp"
#include "client/websocket/target.hpp"
#include "store/event/event.hpp"

namespace wsbench::client {

class Connection;

/// One WebSocket of a client: RFC 6455, read and judged by websocketpp, over a transport::Stream. A handle,
/// empty by default. Used from its loop's thread. It answers pings and closes by itself. (Clean in C++17 and
/// C++20.)
class WebSocket {
 public:
  /// Who is told. It must outlive the WebSocket and must neither destroy nor assign it from within these; it
  /// may call its functions. Times are when the bytes had been read.
  class Listener {
   public:
    virtual void on_open(event::Time time) noexcept = 0;
    virtual void on_message(std::string_view payload, Opcode opcode, event::Time time) noexcept = 0;
    /// After on_message, of some reads of a stamped stream: how late that was.
    virtual void on_read_lag(const event::ReadLag& /*lag*/, event::Time /*time*/) noexcept {}
    virtual void on_pong(std::string_view payload) noexcept = 0;
    /// Once, unless abort() came before. `by_close_frame`: the server's close frame came; TCP may still be
    /// open.
    virtual void on_end(const event::Ending& ending, bool by_close_frame, event::Time time) noexcept = 0;
    /// TCP is closed too: last call. Not after abort().
    virtual void on_gone() noexcept = 0;

   protected:
    ~Listener() = default;
  };

  WebSocket() noexcept = default;
  explicit WebSocket(Connection& connection) noexcept : connection_(&connection) {}

  explicit operator bool() const noexcept { return connection_ != nullptr; }

  /// Sends one frame, whole, masked. What cannot be written at once is queued. Precondition: open. The caller
  /// sees to it that text is UTF-8 and that fragments are in order.
  void send(Opcode opcode, std::string_view payload, bool last = true);

  /// Bytes queued because the server does not take them.
  std::size_t unsent() const noexcept;

  /// Begins the closing handshake; on_end follows when it is done. No effect unless open.
  void close(std::uint16_t code);

  /// Has the cache fetch what send() and on_message will touch.
  void prefetch() const noexcept;

  /// Ends it at once: no more calls to the listener.
  void abort() noexcept;

 private:
  struct Deleter {
    void operator()(Connection* connection) const noexcept;
  };
  std::unique_ptr<Connection, Deleter> connection_;
};

/// Makes the WebSockets of one loop to one target. Used from the loop's thread; outlives its WebSockets.
class Dialer {
 public:
  /// `seed`: of the keys of handshakes and of masks. `largest`: bytes of the largest message accepted.
  Dialer(transport::Loop& loop, const Target& target, const transport::Address& peer, std::uint64_t seed,
         std::size_t largest);
  ~Dialer();

  /// Connects, from `source` unless it is null, which must outlive the WebSocket; shakes hands; on_open or
  /// on_end follows. There is no timeout: whoever waits calls abort(). Throws std::bad_alloc.
  WebSocket dial(WebSocket::Listener& listener, transport::Source* source, transport::Stamps stamps);

 private:
  friend class Connection;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace wsbench::client
