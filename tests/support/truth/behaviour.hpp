#pragma once

#include <chrono>
#include <cstdint>

namespace wsbench::test::truth {

using Nanoseconds = std::chrono::nanoseconds;

/// A time of the server's life, counted from the first message of a load.
struct Span {
  Nanoseconds from{0};
  Nanoseconds length{0};  ///< 0: never

  bool contains(Nanoseconds time) const noexcept { return time >= from && time < from + length; }
  Nanoseconds end() const noexcept { return from + length; }
};

/// Messages that something is done to. More than one way may be given.
struct Selection {
  double share = 0;         ///< each with this probability, by the seed, its client and its number
  std::uint64_t every = 0;  ///< each n-th over all clients, in the order of their reading; 0: none
  std::uint64_t at = 0;     ///< only the n-th, from 1; 0: none
};

/// How a server ends the connection of a client that it is tired of.
enum class Farewell { close_frame, end_of_stream, reset };

/// What a server of known truth does with the messages of a load: those that begin as wsbench's do, with
/// client and sequence in base 64 (client/load/payload.hpp). Whatever else comes, like the echo of a probe,
/// is echoed at once. As constructed it echoes everything at once.
struct Behaviour {
  Nanoseconds delay{0};       ///< from the reading of a message to the sending of its echo
  Nanoseconds slow_delay{0};  ///< the same of slow ones
  double slow_share = 0;      ///< the probability that one is slow
  double rate = 0;            ///< echoes a second at most, first come, first served; 0: as many as come
  Span stall;                 ///< nothing is sent: what would leave then leaves at its end
  Span pause;                 ///< nothing is read

  Nanoseconds faults_from{0};  ///< what is below, up to `closed`, is not done before
  Selection dropped, duplicated;
  Selection swapped;  ///< sent right after the echo of the client's next message
  Selection altered;  ///< a bit of the last byte is flipped
  Selection closed;   ///< not answered: the connection is ended instead
  Farewell farewell = Farewell::close_frame;

  std::uint32_t mute_clients = 0;  ///< those whose number is below get no answer...
  std::uint32_t mute_after = 0;    ///< ...to their messages from this number on, from 0...
  Nanoseconds mute_from{0};        ///< ...from this time on...
  Nanoseconds mute_for{0};         ///< ...for so long; 0: ever

  Nanoseconds handshake_delay{0};  ///< of every connection
  bool close_is_answered = true;   ///< false: the client's close is answered by the end of TCP
  bool every_message = false;      ///< does all this with any message, not only with those of a load
  std::uint64_t seed = 1;
};

}  // namespace wsbench::test::truth
