#pragma once

#include <cstddef>
#include <string_view>

#include "client/transport/source.hpp"
#include "client/transport/stamps.hpp"

// What the transports do to their TCP sockets alike.

namespace wsbench::client::transport {

struct OpenedSocket {
  int file = -1;
  int error = 0;  ///< errno when file is negative
};

enum class Blocking : bool { no, yes };

/// A socket for a connection to `peer`, without Nagle's delay, bound to `source` unless that is null.
OpenedSocket open_socket(const Address& peer, Source* source, Blocking blocking, Stamps stamps) noexcept;

/// Has close() reset the connection, whatever has not been sent.
void reset_on_close(int file) noexcept;

struct SendResult {
  std::size_t sent = 0;
  int error = 0;  ///< errno; that nothing more fits is none
};
SendResult send_now(int file, std::string_view bytes) noexcept;

/// A write that meets the peer's reset says nothing: the reset must not hide what stands in the receive
/// buffer before it, a close frame most of all. So reading, which cannot but end, tells. But such a write
/// takes the socket's error with it, and what the reader meets then looks like an orderly end.
class WriteError {
 public:
  /// True when the error must be told now.
  bool take(int error) noexcept;
  /// What a reader's end without an error really is: 0 or ECONNRESET.
  int behind_end() const noexcept;

 private:
  int error_ = 0;
};

}  // namespace wsbench::client::transport
