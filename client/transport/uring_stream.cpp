#include "client/transport/uring_stream.hpp"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <exception>
#include <utility>

#include "client/transport/prefetch.hpp"
#include "client/transport/uring_loop.hpp"

namespace wsbench::client::transport {

namespace {

/// What a stamped stream receives into: room for a stamp, and the rest of a buffer of the ring. The kernel
/// fills the buffer with a head (io_uring_recvmsg_out), the stamp and the bytes; this it only reads.
const msghdr kStampedMessage = [] {
  msghdr message{};
  message.msg_controllen = CMSG_SPACE(sizeof(timespec));
  return message;
}();

}  // namespace

UringStream::~UringStream() {
  assert(file_ < 0);
}

std::uint64_t UringStream::tag(Request request) const noexcept {
  static_assert(alignof(UringStream) > kRequestBits);
  return reinterpret_cast<std::uint64_t>(this) | static_cast<std::uint64_t>(request);
}

void UringStream::connect(const Address& peer, Source* source) noexcept {
  const auto [file, error] = open_socket(peer, source, Blocking::yes, stamps_);
  if (error != 0) {
    fail_later(error);
    return;
  }
  file_ = file;
  io_uring_sqe& submission = loop_.ring().submission();
  io_uring_prep_connect(&submission, file_, peer.get(), peer.size);
  io_uring_sqe_set_data64(&submission, tag(Request::connect));
  ++requests_;
}

void UringStream::receive(bool wait_first) noexcept {
  io_uring_sqe& submission = loop_.ring().submission();
  if (stamps_ == Stamps::yes) {
    io_uring_prep_recvmsg_multishot(&submission, file_, const_cast<msghdr*>(&kStampedMessage), 0);
  } else {
    io_uring_prep_recv_multishot(&submission, file_, nullptr, 0, 0);
  }
  submission.flags |= IOSQE_BUFFER_SELECT;
  submission.buf_group = Ring::kBufferGroup;
  if (wait_first) submission.ioprio |= IORING_RECVSEND_POLL_FIRST;
  io_uring_sqe_set_data64(&submission,
                          tag(stamps_ == Stamps::yes ? Request::receive_stamped : Request::receive));
  ++requests_;
}

void UringStream::write(std::string_view bytes) {
  const bool fate_unknown = sent_turn_ == loop_.turn_number();
  if (!fate_unknown && !backlog_) {
    if (const auto place = loop_.put_into_outbox(bytes)) {
      sent_turn_ = loop_.turn_number();
      sent_at_ = *place;
      sent_size_ = static_cast<std::uint32_t>(bytes.size());
      io_uring_sqe& submission = loop_.ring().submission();
      // With MSG_WAITALL a send that is not whole counts as failed, and so completes audibly.
      io_uring_prep_send(&submission, file_, loop_.outbox(sent_turn_, sent_at_), bytes.size(),
                         MSG_NOSIGNAL | MSG_DONTWAIT | MSG_WAITALL);
      submission.flags |= IOSQE_CQE_SKIP_SUCCESS;
      io_uring_sqe_set_data64(&submission, tag(Request::send_now));
      return;
    }
  }
  if (!backlog_) backlog_ = std::make_unique<Backlog>();
  backlog_->waiting.append(bytes);
  if (fate_unknown) {
    loop_.send_backlog_next_turn(*this);
  } else {
    send_backlog();
  }
}

std::size_t UringStream::unsent() const noexcept {
  return backlog_ ? backlog_->sending.size() + backlog_->waiting.size() : 0;
}

void UringStream::on_sent_partly(int result) noexcept {
  if (closed_) return;
  if (result < 0 && result != -EAGAIN && result != -EINTR) {
    if (write_error_.take(-result)) fail_later(-result);
    return;
  }
  const auto sent = static_cast<std::uint32_t>(std::max(result, 0));
  const std::string_view rest(loop_.outbox(sent_turn_, sent_at_ + sent), sent_size_ - sent);
  try {
    if (!backlog_) backlog_ = std::make_unique<Backlog>();
    backlog_->waiting.insert(0, rest);
  } catch (const std::exception&) {
    return fail_later(ENOMEM);
  }
  send_backlog();
}

void UringStream::send_backlog() noexcept {
  if (closed_ || !backlog_ || sending_backlog_) return;
  if (backlog_->sending.empty()) std::swap(backlog_->sending, backlog_->waiting);
  if (backlog_->sending.empty()) {
    backlog_.reset();
    return;
  }
  io_uring_sqe& submission = loop_.ring().submission();
  io_uring_prep_send(&submission, file_, backlog_->sending.data(), backlog_->sending.size(),
                     MSG_NOSIGNAL | MSG_WAITALL);
  io_uring_sqe_set_data64(&submission, tag(Request::send));
  sending_backlog_ = true;
  ++requests_;
}

void UringStream::prefetch_listener() const noexcept {
  prefetch_object(listener_);
}

void UringStream::on_completion(Request request, const io_uring_cqe& completion) noexcept {
  if ((completion.flags & IORING_CQE_F_MORE) == 0) --requests_;
  switch (request) {
    case Request::connect:
      return on_connect(completion.res);
    case Request::receive:
      return on_receive(completion);
    case Request::receive_stamped:
      return on_receive_stamped(completion);
    case Request::send:
      return on_send(completion.res);
    default:
      return;
  }
}

void UringStream::on_connect(int result) noexcept {
  if (listener_ == nullptr) return;
  connecting_ = false;
  if (result < 0) {
    std::exchange(listener_, nullptr)->on_connected(-result);
    return;
  }
  listener_->on_connected(0);
  if (listener_ != nullptr) receive(true);
}

void UringStream::on_receive(const io_uring_cqe& completion) noexcept {
  const int result = completion.res;
  if ((completion.flags & IORING_CQE_F_BUFFER) != 0) {
    const auto number = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
    if (result > 0 && listener_ != nullptr) {
      listener_->on_read(loop_.ring().buffer(number), static_cast<std::size_t>(result));
    }
    loop_.ring().give_back_buffer(number);
  }
  after_receive(result, completion.flags);
}

void UringStream::on_receive_stamped(const io_uring_cqe& completion) noexcept {
  int result = completion.res;
  if ((completion.flags & IORING_CQE_F_BUFFER) != 0) {
    const auto number = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
    if (result > 0) result = take_stamped(loop_.ring().buffer(number), result);
    loop_.ring().give_back_buffer(number);
  }
  after_receive(result, completion.flags);
}

/// How many bytes were received: the buffer has a head and a stamp, or room for one, besides.
int UringStream::take_stamped(char* buffer, int size) noexcept {
  msghdr message = kStampedMessage;
  io_uring_recvmsg_out* const head = io_uring_recvmsg_validate(buffer, size, &message);
  if (head == nullptr) return 0;
  const auto received = io_uring_recvmsg_payload_length(head, size, &message);
  if (received == 0 || listener_ == nullptr) return static_cast<int>(received);
  char* const bytes = static_cast<char*>(io_uring_recvmsg_payload(head, &message));
  message.msg_control = io_uring_recvmsg_name(head);  // Behind the name, which is empty.
  message.msg_controllen = head->controllen;
  loop_.stamped_reads().note(message, loop_.read_at());
  listener_->on_read(bytes, received);
  const auto lag = listener_ == nullptr ? std::nullopt : loop_.stamped_reads().take(file_);
  if (lag) listener_->on_read_lag(*lag);
  return static_cast<int>(received);
}

/// `result`: the number of bytes, or a negative error.
void UringStream::after_receive(int result, std::uint32_t flags) noexcept {
  if (listener_ == nullptr) return;
  if (result == 0) {
    peer_ended_ = true;
    return end(write_error_.behind_end());
  }
  // ENOBUFS: all buffers were taken at that moment.
  if (result < 0 && result != -ENOBUFS && result != -EINTR) return end(-result);
  if ((flags & IORING_CQE_F_MORE) == 0) receive(false);
}

void UringStream::on_send(int result) noexcept {
  sending_backlog_ = false;
  if (closed_) return;
  if (result < 0 && result != -EAGAIN && result != -EINTR) {
    backlog_.reset();
    if (write_error_.take(-result)) fail_later(-result);
    return;
  }
  backlog_->sending.erase(0, static_cast<std::size_t>(std::max(result, 0)));
  send_backlog();
}

void UringStream::fail_later(int error) noexcept {
  error_ = error;
  if (!std::exchange(error_is_due_, true)) loop_.tell_error_of(*this);
}

void UringStream::tell_error() noexcept {
  error_is_due_ = false;
  if (listener_ == nullptr) return;
  if (std::exchange(connecting_, false)) {
    std::exchange(listener_, nullptr)->on_connected(error_);
  } else {
    end(error_);
  }
}

void UringStream::end(int error) noexcept {
  if (listener_ != nullptr) std::exchange(listener_, nullptr)->on_ended(error);
}

void UringStream::close() noexcept {
  listener_ = nullptr;
  if (std::exchange(closed_, true)) return;
  if (file_ >= 0) {
    // The descriptor is closed later: what was just written must go before the reset.
    if (!peer_ended_) reset_on_close(file_);
    if (requests_ > 0 && loop_.running()) {
      io_uring_sqe& submission = loop_.ring().submission();
      io_uring_prep_cancel_fd(&submission, file_, IORING_ASYNC_CANCEL_ALL);
      io_uring_sqe_set_data64(&submission, tag(Request::cancel));
      ++requests_;
    }
  }
  loop_.bury_later(*this);
}

bool UringStream::bury() noexcept {
  if ((requests_ > 0 && loop_.running()) || error_is_due_) return false;
  if (file_ >= 0) ::close(std::exchange(file_, -1));
  buried_ = true;
  if (released_) delete this;
  return true;
}

void UringStream::release() noexcept {
  released_ = true;
  if (buried_) {
    delete this;
  } else {
    close();
  }
}

}  // namespace wsbench::client::transport
