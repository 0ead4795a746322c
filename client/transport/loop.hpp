#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "client/transport/address.hpp"
#include "client/transport/kind.hpp"
#include "client/transport/stamps.hpp"
#include "store/event/event.hpp"

// The seam between the WebSocket client and the operating system: byte streams and one timer on an event
// loop. Everything is used from the loop's thread, except where it says otherwise. (Clean in C++17 and
// C++20.)

namespace wsbench::client::transport {

class Source;

/// One TCP connection to be. Errors are errno values; 0 is success.
class Stream {
 public:
  /// Who is told about it. Must outlive the stream or its close(). A callback never comes from within a call
  /// to the stream, and may itself call the stream.
  class Listener {
   public:
    /// Reading begins with it; on_read may follow at once.
    virtual void on_connected(int error) noexcept = 0;
    /// The bytes are the listener's to overwrite until it returns; Loop::read_at() tells when they came.
    virtual void on_read(char* bytes, std::size_t size) noexcept = 0;
    /// After on_read, of some reads of a stamped stream: how late that was, beside Loop::read_at().
    virtual void on_read_lag(const event::ReadLag& /*lag*/) noexcept {}
    /// Nothing more will be read: the peer sends no more (0), or the connection is broken. Comes once, last.
    virtual void on_ended(int error) noexcept = 0;

   protected:
    ~Listener() = default;
  };

  /// Frees the stream.
  struct Releaser {
    void operator()(Stream* stream) const noexcept { stream->release(); }
  };

  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Begins to connect, from `source` unless it is null; on_connected follows. Both must outlive the stream.
  virtual void connect(const Address& peer, Source* source) noexcept = 0;

  /// Sends the bytes, or a copy of them as soon as the peer takes them, in the order of the calls.
  /// Precondition: connected. That the peer has reset the connection is told by reading, which first finds
  /// what stands before the reset; any other error by on_ended. Throws std::bad_alloc.
  virtual void write(std::string_view bytes) = 0;

  /// Bytes that write() has copied because the peer did not take them yet.
  virtual std::size_t unsent() const noexcept = 0;

  /// Ends the connection and all callbacks. It is reset unless the peer has ended its side: so neither
  /// machine keeps it in TIME_WAIT, which would use up the client's ports over a long suite.
  virtual void close() noexcept = 0;

 protected:
  virtual ~Stream() = default;

 private:
  virtual void release() noexcept = 0;
};
using StreamPtr = std::unique_ptr<Stream, Stream::Releaser>;

/// An event loop. Streams must be freed before it.
class Loop {
 public:
  virtual ~Loop() = default;

  virtual StreamPtr make_stream(Stream::Listener& listener, Stamps stamps) = 0;

  /// How many of the reads of stamped streams are told: one in so many, at first all. Precondition: at least
  /// 1.
  virtual void tell_reads(std::uint32_t one_in) noexcept = 0;

  /// When the kernel told of what is being delivered. One reading of the clock for all that it told of at
  /// once, so that what waits its turn here does not count as the peer's time.
  virtual event::Time read_at() const noexcept = 0;

  /// Runs `task` in the loop. Thread-safe.
  virtual void post(std::function<void()> task) = 0;

  /// Has on_wake called once at `time`, or soon when that has passed. A call that is already due earlier
  /// stays.
  virtual void wake_at(event::Time time) = 0;

  /// While little has come, a turn may wait so long for more: that costs less for each, and delays them.
  /// Zero, as at first: never. Only io_uring can.
  virtual void gather(event::Duration /*limit*/) noexcept {}

  /// Runs until stop(), which may be called from within a callback only. May be run again, from the same
  /// thread.
  virtual void run(std::function<void()> on_wake) = 0;
  virtual void stop() noexcept = 0;
};

/// Throw std::system_error when the system does not let us have one.
std::unique_ptr<Loop> make_loop(Kind kind);
std::unique_ptr<Loop> make_uring_loop();
std::unique_ptr<Loop> make_epoll_loop();
std::unique_ptr<Loop> make_asio_loop();

}  // namespace wsbench::client::transport
