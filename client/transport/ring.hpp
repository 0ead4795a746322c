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

  /// An empty submission. When there is no room, what is there is submitted first: so a send that is many
  /// in a turn leaves soon after its time was taken.
  io_uring_sqe& submission() noexcept;

  /// Submits what there is, and waits until so many have completed (0: only looks); or `limit` at most, which
  /// costs a timer of the kernel's.
  void submit_and_wait(unsigned count) noexcept;
  void submit_and_wait(unsigned count, event::Duration limit) noexcept;

  /// Submits, with the next submission, a request that completes at `time`; its data is `tag`.
  void set_timer(event::Time time, std::uint64_t tag) noexcept;

  /// How many completions there are; one of them, by its place in their order; gives the first `count` back.
  unsigned completions() const noexcept { return io_uring_cq_ready(&ring_); }
  const io_uring_cqe& completion(unsigned place) const noexcept {
    return ring_.cq.cqes[(*ring_.cq.khead + place) & *ring_.cq.kring_mask];
  }
  void give_back_completions(unsigned count) noexcept { io_uring_cq_advance(&ring_, count); }

  /// The group from which a receive may select, the buffer that it has selected, and its return.
  static constexpr std::uint16_t kBufferGroup = 0;
  char* buffer(std::uint16_t number) noexcept { return buffers_ + std::size_t{number} * kBufferSize; }
  void give_back_buffer(std::uint16_t number) noexcept;

 private:
  // A few thousand small messages can have come by the time we look; a large one takes several buffers.
  static constexpr unsigned kBuffers = 4096;  // a power of two
  /// Not a power of two: the beginnings, which is all that small messages need, would share few cache sets.
  static constexpr std::size_t kBufferSize = 512 + 64;

  void submit_rest() noexcept;
  void prepare_buffers();
  void free_buffers() noexcept;

  io_uring ring_{};
  io_uring_buf_ring* buffer_ring_ = nullptr;
  char* buffers_ = nullptr;
  __kernel_timespec timer_{};  ///< read as the timer is submitted
  bool enabled_ = false;
};

}  // namespace wsbench::client::transport
