#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client/transport/loop.hpp"
#include "client/transport/socket.hpp"

struct io_uring_cqe;

namespace wsbench::client::transport {

class UringLoop;

/// A stream on an io_uring. It receives by one request that stays ("multishot"), into buffers of the ring; a
/// stamped one by a request of another kind, which also puts the stamp there.
///
/// Sending has two ways. The usual one copies the bytes to the loop's outbox, from where they go with the
/// turn's one submission; such a send never waits and completes silently, unless it could not send all, in
/// which case the rest takes the other way. The other way is a send that waits for the peer; its bytes, and
/// all that are written meanwhile, stay with the stream (its backlog).
class UringStream final : public Stream {
 public:
  UringStream(UringLoop& loop, Listener& listener, Stamps stamps) noexcept
      : listener_(&listener), loop_(loop), stamps_(stamps) {}
  ~UringStream() override;

  void connect(const Address& peer, Source* source) noexcept override;
  void write(std::string_view bytes) override;
  std::size_t unsent() const noexcept override;
  void close() noexcept override;

  /// What a request was for; kept with the stream's address in the request, whose low bits are free.
  enum class Request : std::uint8_t { connect, receive, send_now, send, cancel, receive_stamped };
  static constexpr std::uint64_t kRequestBits = 7;
  std::uint64_t tag(Request request) const noexcept;

  /// The requests' answers, errors negative.
  void on_completion(Request request, const io_uring_cqe& completion) noexcept;
  /// Has the cache fetch what on_completion will touch.
  void prefetch_listener() const noexcept;
  /// A send of the usual way did not send all.
  void on_sent_partly(int result) noexcept;

  /// What is behind a usual send of an earlier turn can be sent now.
  void send_backlog() noexcept;
  void tell_error() noexcept;

  /// Closes the descriptor of a closed stream when no request needs it any more; true when nothing does, and
  /// the stream has deleted itself if it was released.
  bool bury() noexcept;

 private:
  /// Bytes that are being sent and must stay where they are, and bytes to be sent after them.
  struct Backlog {
    std::string sending;
    std::string waiting;
  };

  void release() noexcept override;
  void receive(bool wait_first) noexcept;
  void fail_later(int error) noexcept;
  void end(int error) noexcept;
  void on_connect(int result) noexcept;
  void on_receive(const io_uring_cqe& completion) noexcept;
  void on_receive_stamped(const io_uring_cqe& completion) noexcept;
  int take_stamped(char* buffer, int size) noexcept;
  void after_receive(int result, std::uint32_t flags) noexcept;
  void on_send(int result) noexcept;

  Listener* listener_;  ///< null once closed, or once it was told of the end
  UringLoop& loop_;
  std::unique_ptr<Backlog> backlog_;
  int file_ = -1;
  int error_ = 0;
  std::uint32_t requests_ = 0;   ///< whose completion is still to come
  std::uint32_t sent_turn_ = 0;  ///< of the last usual send
  std::uint32_t sent_at_ = 0;    ///< where its bytes are in that turn's outbox
  std::uint32_t sent_size_ = 0;
  WriteError write_error_;
  const Stamps stamps_;
  bool connecting_ = true;
  bool sending_backlog_ = false;
  bool peer_ended_ = false;
  bool error_is_due_ = false;
  bool closed_ = false;
  bool buried_ = false;
  bool released_ = false;
};

}  // namespace wsbench::client::transport
