#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <system_error>
#include <vector>

#include <websocketpp/common/connection_hdl.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/transport/base/connection.hpp>
#include <websocketpp/uri.hpp>

#include "client/transport/loop.hpp"
#include "store/event/event.hpp"

namespace wsbench::client::transport {

/// websocketpp's transport policy for a connection (what its manual calls transport_con_type) over a Stream.
/// websocketpp inherits it and calls the functions that it spells without a convention of ours. Compiles as
/// C++17 only, like websocketpp. Used from one thread; no locks.
///
/// No allocation per message: websocketpp keeps the two handlers of an open connection as its members and
/// passes them as lvalues, so that their addresses do; those of the handshake are temporaries and are kept by
/// value.
class Policy : public std::enable_shared_from_this<Policy>, private Stream::Listener {
 public:
  using ptr = std::shared_ptr<Policy>;
  /// Timeouts are their owner's business: the timers of websocketpp are switched off in the config.
  struct NoTimer {
    void cancel() noexcept {}
  };
  using timer_ptr = std::shared_ptr<NoTimer>;

  Policy(bool is_server, const std::shared_ptr<websocketpp::log::stub>& access,
         const std::shared_ptr<websocketpp::log::stub>& error);

  ptr get_shared() { return shared_from_this(); }
  bool is_secure() const noexcept { return false; }
  std::string get_remote_endpoint() const { return {}; }
  timer_ptr set_timer(long /*milliseconds*/, const websocketpp::transport::timer_handler& /*handler*/) {
    return {};
  }

 protected:
  ~Policy() = default;

  void begin_connect(Loop& loop, const Address& peer, const Address* source);

  /// When the bytes came that are being processed.
  event::Time read_at() const noexcept { return read_at_; }

  virtual void transport_connected(std::error_code error) = 0;
  /// websocketpp has processed what was read.
  virtual void transport_read() = 0;
  /// Out of memory, or a bug in websocketpp: an exception came out of it. The stream is closed.
  virtual void transport_threw() noexcept = 0;

  void close_stream() noexcept;

  void set_handle(const websocketpp::connection_hdl& /*handle*/) noexcept {}
  void init(const websocketpp::transport::init_handler& handler) { handler({}); }

  void async_read_at_least(std::size_t at_least, char* buffer, std::size_t size,
                           const websocketpp::transport::read_handler& lasting);
  void async_read_at_least(std::size_t at_least, char* buffer, std::size_t size,
                           websocketpp::transport::read_handler&& temporary);
  void async_write(const char* bytes, std::size_t size, websocketpp::transport::write_handler&& temporary);
  void async_write(const std::vector<websocketpp::transport::buffer>& buffers,
                   const websocketpp::transport::write_handler& lasting);

  template <typename Task>
  std::error_code dispatch(Task&& task) {
    task();
    return {};
  }

  void async_shutdown(const websocketpp::transport::shutdown_handler& handler) {
    close_stream();
    handler({});
  }

 private:
  void on_connected(int error) noexcept override;
  void on_read(int error, std::size_t size) noexcept override;
  void on_written(int error) noexcept override;

  template <typename Handler>
  void guarded(Handler&& handler) noexcept;

  void write(const iovec* parts, std::size_t count, const websocketpp::transport::write_handler& handler);
  std::error_code outcome_of_write(int error) noexcept;

  StreamPtr stream_;
  bool closed_ = false;
  int write_error_ = 0;
  event::Time read_at_{};
  const websocketpp::transport::read_handler* lasting_read_ = nullptr;
  const websocketpp::transport::write_handler* lasting_write_ = nullptr;
  websocketpp::transport::read_handler read_handler_;
  websocketpp::transport::write_handler write_handler_;
};

}  // namespace wsbench::client::transport
