#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

// Looks at a contestant's processes, when they run on this very machine.

namespace wsbench::machine {

/// A process group. The kernel may reuse the number of a group that is gone; the session tells the two apart.
struct ProcessGroup {
  pid_t leader = 0;
  pid_t session = 0;
};

/// The group that this process leads, or has left behind. None unless the process is a child of a supervisord
/// with that pid on this machine: a supervisord in a container tells pids that mean other processes here.
std::optional<ProcessGroup> group_led_by(pid_t leader, pid_t supervisord);

/// The processes of a group, without those that have ended and only wait to be reaped.
std::vector<pid_t> group_members(const ProcessGroup& group);

enum class Nodelay {
  on,
  off,
  no_such_connection,
  unknown,  ///< the kernel does not let us look at a socket of that process (pidfd_getfd(2))
};

/// Whether TCP_NODELAY is on at the other end of our connection from local port `port` of this machine, which
/// is one of these processes'.
Nodelay nodelay_of_peer(const std::vector<pid_t>& processes, std::uint16_t port);

}  // namespace wsbench::machine
