#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsbench::rpc {

/// supervisor/states.py
enum class ProcessState : int {
  stopped = 0,
  starting = 10,
  running = 20,
  backoff = 30,
  stopping = 40,
  exited = 100,
  fatal = 200,
  unknown = 1000,
};

/// "RUNNING" etc.
std::string_view name(ProcessState state) noexcept;

/// Whether a process may run: starting, running, backoff (supervisord's RUNNING_STATES) or stopping.
bool is_up(ProcessState state) noexcept;

enum class SupervisorState : int { fatal = 2, running = 1, restarting = 0, shutdown = -1 };

struct ProcessInfo {
  std::string name;
  std::string group;
  std::string description;
  std::chrono::sys_seconds start{};
  std::chrono::sys_seconds stop{};
  std::chrono::sys_seconds now{};
  ProcessState state = ProcessState::unknown;
  std::string spawn_error;
  int exit_status = 0;  ///< -1 after a signal killed it; 0 in FATAL and BACKOFF, whatever it was
  std::string stdout_logfile;
  std::string stderr_logfile;
  int pid = 0;  ///< 0 when it is not running

  std::string full_name() const { return name == group ? name : group + ":" + name; }
};

struct ProcessConfig {
  std::string name;
  std::string group;
  std::string command;
  bool autostart = false;
  bool in_use = false;
  std::chrono::seconds start_seconds{1};
  int start_retries = 3;
  std::chrono::seconds stop_wait{10};
};

/// What a call for a group did to one of its processes.
struct ProcessStatus {
  std::string name;
  std::string group;
  int status = 0;  ///< a FaultCode; success is 80
  std::string description;
};

struct LogTail {
  std::string text;         ///< what was logged after the offset that was asked for; see Supervisor
  std::int64_t offset = 0;  ///< where the next tail begins: the log's size, less a character cut at its end
  bool overflow = false;    ///< bytes before the text were skipped, or the log was rotated
};

struct ReloadedConfig {
  std::vector<std::string> added, changed, removed;
};

}  // namespace wsbench::rpc
