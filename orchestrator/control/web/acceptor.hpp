#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <tl/expected.hpp>

#include "orchestrator/control/web/connection_slots.hpp"

namespace wsbench::control::web {

/// Lets connections in, each with a slot. Who finds none is told 503 and let go; while the process has no
/// free descriptors, whoever comes waits in the kernel's queue. Used on the loop's thread; the loop and the
/// slots outlive it.
class Acceptor {
 public:
  using Socket = asio::ip::tcp::socket;
  /// `peer` is as in Request.
  using Admitted = std::function<void(Socket socket, std::string peer, ConnectionSlots::Slot slot)>;

  Acceptor(asio::io_context& loop, ConnectionSlots& slots, Admitted admitted);

  /// Binds and listens; the port. The error is one line.
  tl::expected<std::uint16_t, std::string> listen(const std::string& address, std::uint16_t port);
  /// Lets in one after another from here on.
  void accept();
  void close();

 private:
  void accept_later();
  void admit(Socket socket);

  ConnectionSlots& slots_;
  const Admitted admitted_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer timer_;
};

}  // namespace wsbench::control::web
