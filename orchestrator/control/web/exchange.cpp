#include "orchestrator/control/web/exchange.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <ctime>
#include <utility>

#include <asio/buffer.hpp>

namespace wsbench::control::web {

namespace {

using std::chrono::milliseconds;

// What a client may send behind its request before its answer has been written: supervisorctl sends an empty
// line, others pipeline a request or two, none of which is answered.
constexpr std::size_t kMaxUnwanted = 64U << 10U;
constexpr std::size_t kMaxGathered = 16;

/// So that a reader whose machine has gone is noticed while nothing is written to it.
void keep_alive(asio::ip::tcp::socket& socket) {
  asio::error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const int seconds = 30;
  const int probes = 3;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

}  // namespace

Exchange::Exchange(Socket socket, ConnectionSlots::Slot slot, Form form, const ExchangeLimits& limits,
                   Owner& owner)
    : socket_(std::move(socket)),
      slot_(std::move(slot)),
      form_(form),
      limits_(limits),
      owner_(owner),
      timer_(socket_.get_executor()) {}

Exchange::~Exchange() {
  if (backlog_) backlog_->has_ended = true;
}

void Exchange::start() {
  watch_peer();
}

void Exchange::watch_peer() {
  socket_.async_read_some(asio::buffer(scratch_),
                          [self = shared_from_this()](asio::error_code error, std::size_t size) {
                            if (self->state_ == State::ended) return;
                            if (error) return self->peer_shut(error == asio::error::eof);
                            self->unwanted_ += size;
                            if (self->unwanted_ > kMaxUnwanted && self->state_ != State::lingering)
                              return self->drop();
                            self->watch_peer();
                          });
}

void Exchange::peer_shut(bool in_good_order) {
  has_peer_shut_ = true;
  // A client that has only shut its sending side (nc -N) waits for its answer; of a stream's reader nothing
  // but this tells that it has gone.
  const bool may_still_read = in_good_order && state_ != State::streaming && state_ != State::lingering;
  if (!may_still_read) end();
}

void Exchange::send(Response response) {
  if (state_ == State::ended) return;
  assert(state_ == State::waiting);
  if (response.after.count() == 0) return write_answer(std::move(response));
  state_ = State::held_back;
  timer_.expires_after(response.after);
  timer_.async_wait([self = shared_from_this(), held = std::move(response)](asio::error_code error) mutable {
    if (!error && self->state_ == State::held_back) self->write_answer(std::move(held));
  });
}

void Exchange::write_answer(Response response) {
  state_ = State::sending;
  is_last_queued_ = true;
  const std::size_t size = response.body.size();
  push(response_head(response, Framing::length, size, std::time(nullptr)));
  if (form_.is_body_wanted && has_body(response.status) && size > 0) push(std::move(response.body));
  limit(limits_.answer + milliseconds(1000 * size / limits_.slowest_reader));
  write_some();
}

void Exchange::begin_stream(std::string content_type, std::shared_ptr<Backlog> backlog) {
  if (state_ == State::ended || has_peer_shut_) {
    backlog->has_ended = true;
    return end();
  }
  assert(state_ == State::waiting);
  backlog_ = std::move(backlog);
  state_ = State::streaming;
  keep_alive(socket_);
  Response response;
  response.content_type = std::move(content_type);
  const Framing framing = form_.is_chunkable ? Framing::chunked : Framing::until_close;
  push(response_head(response, framing, 0, std::time(nullptr)));
  limit(limits_.stream_stall);
  if (!form_.is_body_wanted) {
    backlog_->has_ended = true;
    end_stream();
  } else {
    write_some();
  }
}

void Exchange::write(std::string text) {
  if (state_ != State::streaming) return;
  if (queue_.empty()) limit(limits_.stream_stall);
  const std::size_t size = text.size();
  if (form_.is_chunkable) push(chunk_head(size));
  push(std::move(text), size);
  if (form_.is_chunkable) push(std::string(kChunkEnd));
  write_some();
}

void Exchange::end_stream() {
  if (state_ != State::streaming) return;
  if (form_.is_body_wanted && form_.is_chunkable) push(std::string(kLastChunk));
  state_ = State::sending;
  is_last_queued_ = true;
  limit(limits_.answer);
  write_some();
}

void Exchange::push(std::string bytes, std::size_t text) {
  queue_.push_back({std::move(bytes), text});
}

void Exchange::write_some() {
  if (is_writing_) return;
  if (queue_.empty()) {
    timer_.cancel();
    if (is_last_queued_) linger();
    return;
  }
  buffers_.clear();
  for (std::size_t i = 0; i < std::min(queue_.size(), kMaxGathered); ++i) {
    buffers_.push_back(asio::buffer(queue_[i].bytes) + (i == 0 ? front_sent_ : 0));
  }
  is_writing_ = true;
  socket_.async_write_some(buffers_, [self = shared_from_this()](asio::error_code error, std::size_t size) {
    self->is_writing_ = false;
    if (self->state_ == State::ended) return;
    if (error) return self->end();
    self->written(size);
  });
}

void Exchange::written(std::size_t size) {
  while (size > 0) {
    const std::size_t left = queue_.front().bytes.size() - front_sent_;
    const std::size_t taken = std::min(left, size);
    size -= taken;
    front_sent_ += taken;
    if (taken < left) break;
    if (backlog_) backlog_->unsent -= queue_.front().text;
    queue_.pop_front();
    front_sent_ = 0;
  }
  if (state_ == State::streaming) limit(limits_.stream_stall);
  write_some();
}

void Exchange::linger() {
  asio::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  state_ = State::lingering;
  if (has_peer_shut_) return end();
  limit(limits_.linger);
}

void Exchange::limit(milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this()](asio::error_code error) {
    // A wait that was over before the timer was set anew comes without an error.
    if (error || self->state_ == State::ended ||
        self->timer_.expiry() > asio::steady_timer::clock_type::now())
      return;
    if (self->state_ == State::lingering) {
      self->end();
    } else {
      self->drop();
    }
  });
}

void Exchange::wind_up() {
  if (state_ != State::sending && state_ != State::lingering) end();
}

void Exchange::drop() {
  if (state_ == State::ended) return;
  asio::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  end();
}

void Exchange::end() {
  if (state_ == State::ended) return;
  const auto self = shared_from_this();
  state_ = State::ended;
  if (backlog_) backlog_->has_ended = true;
  asio::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  slot_.reset();
  owner_.erase(self);
}

}  // namespace wsbench::control::web
