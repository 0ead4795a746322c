#pragma once

#include <liburing.h>

#include <cstddef>
#include <cstdint>

#include "store/event/event.hpp"

namespace wsbench::client::transport {

/// An io_uring for one thread, with the buffers that its receives are given. The thread that first calls
/// enable() is the only one that may use it from then on; until then any may. (Linux 6.1.)
class Ring {
 public:
  /// Throws std::system_error when the kernel refuses: ENOSYS, EPERM (seccomp or kernel.io_uring_disabled),
  /// EINVAL (too old), ENOMEM.
  Ring();
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  void enable() noexcept;

  /// An empty submission. When there is no room, what is there is submitted first.
  io_uring_sqe& submission() noexcept;

  /// Submits what there is, and waits until something has completed, `limit` at most.
  void submit_and_wait(event::Duration limit) noexcept;

  /// How many completions there are; calls `visit` with the first `count` of them, in order; gives them back.
  unsigned completions() const noexcept { return io_uring_cq_ready(&ring_); }
  template <typename Visit>
  void visit_completions(unsigned count, Visit&& visit) noexcept {
    unsigned head = 0;
    const io_uring_cqe* completion = nullptr;
    io_uring_for_each_cqe(&ring_, head, completion) {
      if (count-- == 0) break;
      visit(*completion);
    }
  }
  void give_back_completions(unsigned count) noexcept { io_uring_cq_advance(&ring_, count); }

  /// The group from which a receive may select, the buffer that it has selected, and its return.
  static constexpr std::uint16_t kBufferGroup = 0;
  char* buffer(std::uint16_t number) noexcept { return buffers_ + std::size_t{number} * kBufferSize; }
  void give_back_buffer(std::uint16_t number) noexcept;

 private:
  // A few thousand small messages can have come by the time we look; a large one takes several buffers.
  static constexpr unsigned kBuffers = 2048;  // a power of two
  static constexpr std::size_t kBufferSize = 1024;

  void prepare_buffers();
  void free_buffers() noexcept;

  io_uring ring_{};
  io_uring_buf_ring* buffer_ring_ = nullptr;
  char* buffers_ = nullptr;
  bool enabled_ = false;
};

}  // namespace wsbench::client::transport
