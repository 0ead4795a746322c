#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "client/transport/ring.hpp"
#include "client/transport/turning_loop.hpp"
#include "client/transport/uring_stream.hpp"

namespace wsbench::client::transport {

/// A loop on an io_uring: one system call a turn submits what the last turn has to send and waits for what
/// comes. Its timer is a request of the ring's, which stays over all the turns before it is due: a limit to
/// each wait would have the kernel set a timer, and take it back, for every echo.
class UringLoop final : public TurningLoop {
 public:
  UringLoop();
  ~UringLoop() override;

  StreamPtr make_stream(Stream::Listener& listener, Stamps stamps) override;
  void gather(event::Duration limit) noexcept override { gathering_ = limit; }

  // For its streams:

  Ring& ring() noexcept { return *ring_; }
  bool running() const noexcept { return running_; }

  /// Counts up when the fate of all usual sends so far is known.
  std::uint32_t turn_number() const noexcept { return turn_; }

  /// Where the bytes have been copied to in this turn's outbox; none when they do not fit. They stay until
  /// the next turn but one.
  std::optional<std::uint32_t> put_into_outbox(std::string_view bytes) noexcept;
  const char* outbox(std::uint32_t turn, std::uint32_t place) const noexcept {
    return outboxes_[turn % 2].get() + place;
  }

  void send_backlog_next_turn(UringStream& stream) { behind_.push_back(&stream); }
  void tell_error_of(UringStream& stream) { failed_.push_back(&stream); }
  void bury_later(UringStream& stream) { closed_.push_back(&stream); }

 private:
  void turn(event::Time time) override;
  void begin_running() override;
  void end_running() override;
  void wait(event::Time time) noexcept;
  void deliver() noexcept;
  void watch_doorbell() noexcept;
  void bury(std::size_t count) noexcept;

  std::optional<Ring> ring_;
  std::array<std::unique_ptr<char[]>, 2> outboxes_;  ///< of this turn and of the one before
  std::size_t outbox_used_ = 0;
  std::uint32_t turn_ = 1;
  bool running_ = false;
  bool watches_doorbell_ = false;
  int slack_before_ = 0;  ///< the thread's timer slack, in ns
  event::Time timer_ =
      event::Time::max();  ///< when the earliest timer of the ring completes; max: none is set
  event::Duration gathering_{0};
  unsigned told_ = 0;  ///< completions that are still to be delivered with the turn's reading of the clock
  unsigned seen_ = 0;  ///< completions in which failed sends have been looked for
  std::vector<UringStream*> behind_;  ///< with something behind a usual send of this turn
  std::vector<UringStream*> failed_;  ///< whose error is told at the end of the turn
  std::vector<UringStream*> closed_;  ///< whose descriptors are to be closed
};

}  // namespace wsbench::client::transport
