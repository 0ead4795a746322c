#include "client/websocket/ending.hpp"

#include <cerrno>
#include <system_error>

namespace wsbench::client {

using event::Ending;
using event::Reason;

Ending ending_of_errno(int error) noexcept {
  const auto status = static_cast<std::uint16_t>(error);
  switch (error) {
    case ECONNREFUSED:
      return {Reason::refused, status};
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
      return {Reason::reset, status};
    case ETIMEDOUT:  // The kernel gave retransmission up.
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
      return {Reason::unreachable, status};
    case EADDRNOTAVAIL:
    case EADDRINUSE:
      return {Reason::out_of_ports, status};
    case EMFILE:
    case ENFILE:
      return {Reason::out_of_files, status};
    default:
      return {Reason::other_error, status};
  }
}

std::string describe(const Ending& ending) {
  const std::string status = std::to_string(ending.status);
  switch (ending.reason) {
    case Reason::completed:
      return "closed by us, answered with code " + status;
    case Reason::normal:
      return "closed by the server with code " + status;
    case Reason::connection_timeout:
      return "timed out";
    case Reason::refused:
      return "connection refused";
    case Reason::reset:
      return "connection reset";
    case Reason::handshake_rejected:
      return "handshake rejected: HTTP " + status;
    case Reason::protocol_error:
      return "not WebSocket, or against RFC 6455";
    case Reason::end_of_stream:
      return "TCP closed without a close frame";
    case Reason::close_unanswered:
      return "our close was not answered";
    case Reason::unreachable:
    case Reason::out_of_ports:
    case Reason::out_of_files:
    case Reason::other_error:
      return std::system_category().message(ending.status);
    default:
      return std::string(event::name(ending.reason));
  }
}

}  // namespace wsbench::client
