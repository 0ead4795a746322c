#include "orchestrator/machine/process_group.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include "orchestrator/util/descriptor.hpp"

namespace wsbench::machine {

namespace fs = std::filesystem;

namespace {

struct Stat {
  char state = 'Z';
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
};

fs::path folder_of(pid_t process) {
  return fs::path("/proc") / std::to_string(process);
}

/// proc(5): "pid (name) state ppid pgrp session ...", where a name may have spaces and parentheses.
std::optional<Stat> read_stat(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(end_of_name + 1));
  Stat stat;
  if (!(fields >> stat.state >> stat.parent >> stat.group >> stat.session)) return std::nullopt;
  return stat;
}

/// By its command line, where Python comes first: "/usr/bin/python3 /usr/bin/supervisord -c ...".
bool is_supervisord(pid_t process) {
  std::ifstream file(folder_of(process) / "cmdline");
  for (std::string argument; std::getline(file, argument, '\0');) {
    if (fs::path(argument).stem() == "supervisord") return true;
  }
  return false;
}

bool talks_to(int socket, std::uint16_t port) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
  if (peer.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(peer).sin_port) == port;
  if (peer.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(peer).sin6_port) == port;
  return false;
}

/// What an error of such a look means: a process that has ended has no connection any more.
Nodelay after(int error) {
  return error == ESRCH || error == ENOENT ? Nodelay::no_such_connection : Nodelay::unknown;
}

Nodelay nodelay_in(pid_t process, std::uint16_t port) {
  const util::Descriptor pidfd(::syscall(SYS_pidfd_open, process, 0));
  if (pidfd.get() < 0) return after(errno);
  std::error_code error;
  const auto folder = folder_of(process) / "fd";
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(entry->path(), gone).string().rfind("socket:", 0) != 0) continue;
    const int number = std::atoi(entry->path().filename().c_str());
    const util::Descriptor copy(::syscall(SYS_pidfd_getfd, pidfd.get(), number, 0));
    if (copy.get() < 0) {
      if (errno == EBADF) continue;  // It has been closed meanwhile.
      return after(errno);
    }
    if (!talks_to(copy.get(), port)) continue;
    int on = 0;
    socklen_t size = sizeof on;
    ::getsockopt(copy.get(), IPPROTO_TCP, TCP_NODELAY, &on, &size);
    return on != 0 ? Nodelay::on : Nodelay::off;
  }
  return error ? after(error.value()) : Nodelay::no_such_connection;
}

}  // namespace

std::optional<ProcessGroup> group_led_by(pid_t leader, pid_t supervisord) {
  if (leader <= 1 || supervisord < 1) return std::nullopt;
  const auto parent = read_stat(folder_of(supervisord));
  if (!parent || !is_supervisord(supervisord)) return std::nullopt;
  // supervisord makes each of its children the leader of a group, but not of a session.
  const ProcessGroup group{leader, parent->session};
  const auto stat = read_stat(folder_of(leader));
  const bool is_child = stat && stat->parent == supervisord && stat->session == group.session;
  const bool has_left_some = !stat && !group_members(group).empty();
  return is_child || has_left_some ? std::optional(group) : std::nullopt;
}

std::vector<pid_t> group_members(const ProcessGroup& group) {
  std::vector<pid_t> members;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (std::isdigit(static_cast<unsigned char>(name.front())) == 0) continue;
    const auto stat = read_stat(entry->path());
    const bool is_member = stat && stat->group == group.leader && stat->session == group.session;
    if (is_member && stat->state != 'Z') members.push_back(std::atoi(name.c_str()));
  }
  return members;
}

Nodelay nodelay_of_peer(const std::vector<pid_t>& processes, std::uint16_t port) {
  auto found = Nodelay::no_such_connection;
  for (const pid_t process : processes) {
    const auto here = nodelay_in(process, port);
    if (here == Nodelay::on || here == Nodelay::off) return here;
    if (here == Nodelay::unknown) found = here;
  }
  return found;
}

}  // namespace wsbench::machine
