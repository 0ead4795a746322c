#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <functional>
#include <memory>

#include "client/transport/address.hpp"
#include "store/event/event.hpp"

// The seam between the WebSocket client and the operating system: byte streams and one timer on an event
// loop. Everything is used from the loop's thread, except where it says otherwise. (Clean in C++17 and
// C++20.)

namespace wsbench::client::transport {

/// One TCP connection to be. Errors are errno values; 0 is success.
class Stream {
 public:
  /// Who is told about it. Must outlive the stream or its close(). A callback never comes from within a call
  /// to the stream, and may itself call the stream.
  class Listener {
   public:
    virtual void on_connected(int error) noexcept = 0;
    /// `size` bytes are in the buffer; 0 bytes without an error: the peer sends no more.
    virtual void on_read(int error, std::size_t size) noexcept = 0;
    /// The bytes that write() could not take at once are written.
    virtual void on_written(int error) noexcept = 0;

   protected:
    ~Listener() = default;
  };

  /// Frees the stream; buffers given to it are not touched any more.
  struct Releaser {
    void operator()(Stream* stream) const noexcept { stream->release(); }
  };

  enum class Written { all, later, failed };
  struct WriteResult {
    Written written = Written::all;
    int error = 0;  ///< when failed
  };

  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Begins to connect, from `source` unless it is null; on_connected follows.
  virtual void connect(const Address& peer, const Address* source) noexcept = 0;

  /// Begins to read up to `size` bytes into `buffer`, which must stay until on_read. One at a time.
  virtual void read(char* buffer, std::size_t size) = 0;

  /// Writes what can be written at once. `later`: the bytes must stay until on_written. One at a time.
  virtual WriteResult write(const iovec* parts, std::size_t count) = 0;

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

  virtual StreamPtr make_stream(Stream::Listener& listener) = 0;

  /// Runs `task` in the loop. Thread-safe.
  virtual void post(std::function<void()> task) = 0;

  /// Has on_wake called once at `time`, or soon when that has passed. A call that is already due earlier
  /// stays.
  virtual void wake_at(event::Time time) = 0;

  /// Runs until stop(), which may be called from within a callback only.
  virtual void run(std::function<void()> on_wake) = 0;
  virtual void stop() noexcept = 0;
};

/// A loop on standalone Asio (epoll). Throws std::system_error when the system has no descriptors for it.
std::unique_ptr<Loop> make_asio_loop();

}  // namespace wsbench::client::transport
