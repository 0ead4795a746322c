#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

// Looks at a contestant's processes, when they run on this very machine.

namespace wsbench::orchestrator {

/// Whether this is the number of a process on this machine that a supervisord of that number started: in a
/// container of its own the same numbers mean others.
bool is_here(pid_t process, pid_t supervisord);

/// The processes of a group, without those that have ended and only wait to be reaped.
std::vector<pid_t> group_members(pid_t group);

enum class Nodelay {
  on,
  off,
  no_such_connection,
  unknown,  ///< the kernel does not let us look at a socket of that process (pidfd_getfd(2))
};

/// Whether TCP_NODELAY is on at the other end of our connection from local port `port` of this machine, which
/// is one of these processes'.
Nodelay nodelay_of_peer(const std::vector<pid_t>& processes, std::uint16_t port);

}  // namespace wsbench::orchestrator
