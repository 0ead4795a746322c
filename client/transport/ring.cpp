#include "client/transport/ring.hpp"

#include <sys/mman.h>

#include <cassert>
#include <cerrno>
#include <system_error>

namespace wsbench::client::transport {

namespace {

constexpr unsigned kSubmissions = 32;
constexpr unsigned kCompletions = 16384;

void* map_memory(std::size_t size) noexcept {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

__kernel_timespec timespec_of(std::chrono::nanoseconds time) noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {seconds.count(), (time - seconds).count()};
}

}  // namespace

Ring::Ring() {
  io_uring_params parameters{};
  // Completions are worked off when we ask for them, in our own thread, without interrupting it. Disabled at
  // first, because the single issuer is the thread that enables it.
  parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |
                     IORING_SETUP_CQSIZE | IORING_SETUP_R_DISABLED;
  parameters.cq_entries = kCompletions;
  if (const int error = io_uring_queue_init_params(kSubmissions, &ring_, &parameters); error < 0) {
    throw std::system_error(-error, std::system_category(), "io_uring");
  }
  try {
    prepare_buffers();
  } catch (...) {
    free_buffers();
    io_uring_queue_exit(&ring_);
    throw;
  }
}

Ring::~Ring() {
  io_uring_queue_exit(&ring_);
  free_buffers();
}

void Ring::prepare_buffers() {
  buffer_ring_ = static_cast<io_uring_buf_ring*>(map_memory(kBuffers * sizeof(io_uring_buf)));
  buffers_ = static_cast<char*>(map_memory(kBuffers * kBufferSize));
  if (buffer_ring_ == nullptr || buffers_ == nullptr) {
    throw std::system_error(ENOMEM, std::system_category(), "io_uring's buffers");
  }
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uint64_t>(buffer_ring_);
  registration.ring_entries = kBuffers;
  registration.bgid = kBufferGroup;
  if (const int error = io_uring_register_buf_ring(&ring_, &registration, 0); error < 0) {
    throw std::system_error(-error, std::system_category(), "io_uring's buffers");
  }
  io_uring_buf_ring_init(buffer_ring_);
  for (unsigned i = 0; i < kBuffers; ++i) give_back_buffer(static_cast<std::uint16_t>(i));
}

void Ring::free_buffers() noexcept {
  if (buffer_ring_ != nullptr) ::munmap(buffer_ring_, kBuffers * sizeof(io_uring_buf));
  if (buffers_ != nullptr) ::munmap(buffers_, kBuffers * kBufferSize);
}

void Ring::enable() noexcept {
  if (enabled_) return;
  enabled_ = true;
  // Debian's liburing 2.3 declares io_uring_enable_rings() but does not export it.
  [[maybe_unused]] const int error =
      io_uring_register(static_cast<unsigned>(ring_.ring_fd), IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  assert(error == 0);
  io_uring_register_ring_fd(&ring_);  // Saves looking up the descriptor; does no harm when it fails.
}

io_uring_sqe& Ring::submission() noexcept {
  io_uring_sqe* submission = io_uring_get_sqe(&ring_);
  while (submission == nullptr) {
    io_uring_submit(&ring_);
    submission = io_uring_get_sqe(&ring_);
  }
  return *submission;
}

// Errors are ETIME, EINTR, or a completion queue that is full: in each case there is work to do first.

void Ring::submit_and_wait(unsigned count) noexcept {
  if (count == 0) {
    io_uring_submit_and_get_events(&ring_);
  } else {
    io_uring_submit_and_wait(&ring_, count);
  }
  submit_rest();
}

void Ring::submit_and_wait(unsigned count, event::Duration limit) noexcept {
  __kernel_timespec timeout = timespec_of(limit);
  io_uring_cqe* first = nullptr;
  io_uring_submit_and_wait_timeout(&ring_, &first, count, &timeout, nullptr);
  submit_rest();
}

/// Short of memory the kernel takes only some; who called relies on all of them.
void Ring::submit_rest() noexcept {
  while (io_uring_sq_ready(&ring_) > 0 && io_uring_submit(&ring_) > 0) {
  }
}

void Ring::set_timer(event::Time time, std::uint64_t tag) noexcept {
  timer_ = timespec_of(event::Clock::monotonic(time));
  io_uring_sqe& submission = this->submission();
  io_uring_prep_timeout(&submission, &timer_, 0, IORING_TIMEOUT_ABS);
  io_uring_sqe_set_data64(&submission, tag);
}

void Ring::give_back_buffer(std::uint16_t number) noexcept {
  io_uring_buf_ring_add(buffer_ring_, buffer(number), kBufferSize, number, io_uring_buf_ring_mask(kBuffers),
                        0);
  io_uring_buf_ring_advance(buffer_ring_, 1);
}

}  // namespace wsbench::client::transport
