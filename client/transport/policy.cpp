#include "client/transport/policy.hpp"

#include <cassert>
#include <cerrno>
#include <utility>

namespace wsbench::client::transport {

namespace {

namespace wspp = websocketpp::transport;

std::error_code system_error(int error) {
  return {error, std::system_category()};
}

}  // namespace

Policy::Policy(bool is_server, const std::shared_ptr<websocketpp::log::stub>& /*access*/,
               const std::shared_ptr<websocketpp::log::stub>& /*error*/) {
  assert(!is_server);
  static_cast<void>(is_server);
}

void Policy::begin_connect(Loop& loop, const Address& peer, const Address* source) {
  stream_ = loop.make_stream(*this);
  stream_->connect(peer, source);
}

void Policy::close_stream() noexcept {
  closed_ = true;
  if (stream_) stream_->close();
  // Both hold a reference to this connection.
  read_handler_ = nullptr;
  write_handler_ = nullptr;
}

// websocketpp reads on after a close handler or a failed negotiation of extensions: such reads never come
// back.
void Policy::async_read_at_least(std::size_t at_least, char* buffer, std::size_t size,
                                 const wspp::read_handler& lasting) {
  assert(at_least == 1);
  static_cast<void>(at_least);
  if (closed_) return;
  lasting_read_ = &lasting;
  stream_->read(buffer, size);
}

void Policy::async_read_at_least(std::size_t at_least, char* buffer, std::size_t size,
                                 wspp::read_handler&& temporary) {
  assert(at_least == 1);
  static_cast<void>(at_least);
  if (closed_) return;
  read_handler_ = std::move(temporary);
  stream_->read(buffer, size);
}

void Policy::async_write(const char* bytes, std::size_t size, wspp::write_handler&& temporary) {
  if (closed_) return;
  const iovec part{const_cast<char*>(bytes), size};
  const Stream::WriteResult result = stream_->write(&part, 1);
  if (result.written == Stream::Written::later) {
    write_handler_ = std::move(temporary);
  } else {
    temporary(outcome_of_write(result.error));
  }
}

void Policy::async_write(const std::vector<wspp::buffer>& buffers, const wspp::write_handler& lasting) {
  if (closed_) return;
  lasting_write_ = &lasting;
  constexpr std::size_t kUsual =
      8;  // A message is two buffers; more come together only behind a slow server.
  if (buffers.size() <= kUsual) {
    iovec parts[kUsual];
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      parts[i] = {const_cast<char*>(buffers[i].buf), buffers[i].len};
    }
    write(parts, buffers.size(), lasting);
    return;
  }
  std::vector<iovec> parts;
  parts.reserve(buffers.size());
  for (const wspp::buffer& buffer : buffers) parts.push_back({const_cast<char*>(buffer.buf), buffer.len});
  write(parts.data(), parts.size(), lasting);
}

void Policy::write(const iovec* parts, std::size_t count, const wspp::write_handler& handler) {
  if (write_error_ != 0) {
    handler({});
    return;
  }
  const Stream::WriteResult result = stream_->write(parts, count);
  if (result.written == Stream::Written::later) return;
  handler(outcome_of_write(result.error));
}

/// A server that closes while we send: the reset that our bytes cause must not hide the close frame that
/// stands in the receive buffer before it. So such a write passes for done, and the read, which cannot but
/// end, tells why.
std::error_code Policy::outcome_of_write(int error) noexcept {
  if (error == 0) return {};
  if (error == ECONNRESET || error == EPIPE) {
    write_error_ = error;
    return {};
  }
  return system_error(error);
}

void Policy::on_connected(int error) noexcept {
  guarded([&] { transport_connected(error == 0 ? std::error_code() : system_error(error)); });
}

void Policy::on_read(int error, std::size_t size) noexcept {
  read_at_ = event::Clock::now();
  std::error_code code;
  if (error != 0) {
    code = system_error(error);
  } else if (size == 0) {
    // The write took the socket's error: what looks like an end is the reset that it met.
    code = write_error_ == ECONNRESET ? system_error(write_error_) : make_error_code(wspp::error::eof);
  }
  guarded([&] {
    if (read_handler_) {
      std::exchange(read_handler_, nullptr)(code, size);
    } else {
      (*lasting_read_)(code, size);
    }
    transport_read();
  });
}

void Policy::on_written(int error) noexcept {
  guarded([&] {
    const std::error_code code = outcome_of_write(error);
    if (write_handler_) {
      std::exchange(write_handler_, nullptr)(code);
    } else {
      (*lasting_write_)(code);
    }
  });
}

template <typename Handler>
void Policy::guarded(Handler&& handler) noexcept {
  try {
    handler();
  } catch (...) {
    close_stream();
    transport_threw();
  }
}

}  // namespace wsbench::client::transport
