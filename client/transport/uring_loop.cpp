#include "client/transport/uring_loop.hpp"

#include <poll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace wsbench::client::transport {

namespace {

constexpr std::size_t kOutboxSize = std::size_t{1} << 20U;  // Pages that are never reached cost nothing.
constexpr event::Duration kLongestFarewell = std::chrono::seconds{1};
// Of requests that no stream has made:
constexpr std::uint64_t kDoorbellTag = UringStream::kRequestBits;
constexpr std::uint64_t kTimerTag = UringStream::kRequestBits - 1;
/// Thousands of connections do not fit into the cache: a completion's objects are fetched while so many
/// before it are dealt with.
constexpr unsigned kAhead = 4;
/// Of so many, each pays little for the system call that brings them.
constexpr unsigned kGathered = 32;
/// Then the wake-up has its turn: as many completions as there are connections can be there at once.
constexpr unsigned kMostPerTurn = 128;

/// Null for the doorbell's and the timer's.
UringStream* stream_of(const io_uring_cqe& completion) noexcept {
  return reinterpret_cast<UringStream*>(completion.user_data & ~UringStream::kRequestBits);
}

UringStream::Request request_of(const io_uring_cqe& completion) noexcept {
  return static_cast<UringStream::Request>(completion.user_data & UringStream::kRequestBits);
}

void prefetch_listener(const io_uring_cqe& completion) noexcept {
  if (request_of(completion) == UringStream::Request::receive) stream_of(completion)->prefetch_listener();
}

}  // namespace

UringLoop::UringLoop() {
  ring_.emplace();
  for (auto& outbox : outboxes_) outbox.reset(new char[kOutboxSize]);
}

UringLoop::~UringLoop() {
  ring_.reset();  // No request is left after it.
  for (UringStream* stream : failed_) stream->tell_error();
  for (UringStream* stream : closed_) stream->bury();
}

StreamPtr UringLoop::make_stream(Stream::Listener& listener, Stamps stamps) {
  if (!running_) ring_->enable();
  return StreamPtr(new UringStream(*this, listener, stamps));
}

std::optional<std::uint32_t> UringLoop::put_into_outbox(std::string_view bytes) noexcept {
  if (bytes.size() > kOutboxSize - outbox_used_) return std::nullopt;
  const std::size_t place = std::exchange(outbox_used_, outbox_used_ + bytes.size());
  std::memcpy(outboxes_[turn_ % 2].get() + place, bytes.data(), bytes.size());
  return static_cast<std::uint32_t>(place);
}

void UringLoop::begin_running() {
  ring_->enable();
  running_ = true;
  slack_before_ = ::prctl(PR_GET_TIMERSLACK);
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // By 50 us else, what is gathered would wait longer than it is to.
  if (!std::exchange(watches_doorbell_, true)) watch_doorbell();
}

void UringLoop::end_running() {
  const event::Time limit = event::Clock::now() + kLongestFarewell;
  // It may be that nothing is left to wait for: so it only looks at first.
  for (event::Time until{}; !closed_.empty() && event::Clock::now() < limit; until = limit) turn(until);
  running_ = false;
  if (slack_before_ > 0) ::prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(slack_before_));
}

void UringLoop::watch_doorbell() noexcept {
  io_uring_sqe& submission = ring_->submission();
  io_uring_prep_poll_add(&submission, doorbell(), POLLIN);
  io_uring_sqe_set_data64(&submission, kDoorbellTag);
}

void UringLoop::turn(event::Time time) {
  const std::size_t closed_before = closed_.size();  // All that they have requested is about to be submitted.
  const bool has_more_to_do = !failed_.empty() || !behind_.empty() || told_ > 0;
  if (has_more_to_do) {
    ring_->submit_and_wait(0);
  } else {
    wait(time);
  }
  deliver();
  for (UringStream* stream : std::exchange(failed_, {})) stream->tell_error();
  bury(closed_before);
}

void UringLoop::wait(event::Time time) noexcept {
  const event::Duration limit = time - event::Clock::now();
  if (limit <= event::Duration::zero()) return ring_->submit_and_wait(0);
  if (gathering_ > event::Duration::zero()) {
    ring_->submit_and_wait(kGathered, std::min(gathering_, limit));
    if (ring_->completions() > 0) return;
  }
  if (time < timer_) ring_->set_timer(timer_ = time, kTimerTag);
  ring_->submit_and_wait(1);
}

void UringLoop::deliver() noexcept {
  // First of all the sends that were not done: what is written to their streams from now on comes behind.
  const unsigned ready = ring_->completions();
  for (unsigned i = seen_; i < ready; ++i) {
    const io_uring_cqe& completion = ring_->completion(i);
    __builtin_prefetch(stream_of(completion));
    if (request_of(completion) == UringStream::Request::send_now) {
      stream_of(completion)->on_sent_partly(completion.res);
    }
  }
  ++turn_;
  outbox_used_ = 0;
  for (UringStream* stream : std::exchange(behind_, {})) stream->send_backlog();

  if (told_ == 0) {
    mark_read();
    told_ = ready;
  }
  const unsigned count = std::min(told_, kMostPerTurn);
  for (unsigned i = 0; i < count; ++i) {
    if (i + kAhead < count) prefetch_listener(ring_->completion(i + kAhead));
    const io_uring_cqe& completion = ring_->completion(i);
    if (completion.user_data == kDoorbellTag) {
      answer_doorbell();
      watch_doorbell();
    } else if (completion.user_data == kTimerTag) {
      timer_ = event::Time::max();
    } else if (request_of(completion) !=
               UringStream::Request::send_now) {  // It may be freed since it was seen.
      stream_of(completion)->on_completion(request_of(completion), completion);
    }
  }
  ring_->give_back_completions(count);
  told_ -= count;
  seen_ = ready - count;
}

/// The first `count` of those that were closed.
void UringLoop::bury(std::size_t count) noexcept {
  const auto end = closed_.begin() + static_cast<std::ptrdiff_t>(count);
  const auto left = std::remove_if(closed_.begin(), end, [](UringStream* stream) { return stream->bury(); });
  closed_.erase(left, end);
}

std::unique_ptr<Loop> make_uring_loop() {
  return std::make_unique<UringLoop>();
}

}  // namespace wsbench::client::transport
