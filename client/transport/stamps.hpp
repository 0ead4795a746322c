#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "store/event/event.hpp"

struct msghdr;

// How late we read: the kernel stamps what it receives (SO_TIMESTAMPNS), and tells the stamp with the bytes.
// (Clean in C++17 and C++20.)

namespace wsbench::client::transport {

/// Whether a stream asks the kernel for stamps.
enum class Stamps : bool { no, yes };

/// Has the kernel stamp what any socket of the machine receives. Its first socket that asks switches that on,
/// which takes some 100 us, and its last one off. So one that receives nothing asks for as long as this
/// lives: all connections of a load have the same costs. Where there is no such socket to be had, stamped
/// streams do without.
class Stamping {
 public:
  Stamping() noexcept;
  ~Stamping();
  Stamping(const Stamping&) = delete;
  Stamping& operator=(const Stamping&) = delete;

 private:
  int file_;
};

/// Asks for stamps on a socket. Where the kernel refuses, its reads have none.
void ask_for_stamps(int file) noexcept;

/// The CLOCK_REALTIME of a received message's stamp; none where it has no stamp.
std::optional<std::chrono::nanoseconds> stamp_in(const msghdr& message) noexcept;

/// The reads of a loop's stamped streams, of which one in so many is told. Which ones is random, so that
/// nothing that recurs is told always, or never. Used from the loop's thread.
class ReadSampler {
 public:
  /// One in so many; at first all. Precondition: at least 1.
  void tell_one_in(std::uint32_t reads) noexcept;

  /// Like recv(), from a stamped socket, whose read becomes the latest. `read_at`: the loop's.
  ssize_t receive(int file, char* to, std::size_t size, event::Time read_at) noexcept;

  /// The same of what has just been read: the result of a recvmsg, whose bytes need not be there.
  void note(const msghdr& message, event::Time read_at) noexcept;

  /// What is to be told of the latest read from `file`; once. None when it is not to be told, had no stamp,
  /// or when the peer has ended: its FIN stamps what was not read yet anew.
  std::optional<event::ReadLag> take(int file) noexcept;

 private:
  std::uint32_t draw() noexcept;

  std::uint32_t one_in_ = 1;
  std::uint32_t left_ = 1;  ///< reads up to the next that is told, which counts
  std::uint64_t random_ = 0x9E3779B97F4A7C15U;
  std::optional<event::ReadLag> latest_;
};

}  // namespace wsbench::client::transport
