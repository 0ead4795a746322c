#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "rpc/error.hpp"
#include "rpc/transport.hpp"
#include "rpc/value.hpp"

namespace wsbench::rpc {

template <typename T>
using Result = tl::expected<T, Error>;

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

std::string_view name(ProcessState state) noexcept;  ///< "RUNNING" etc.
bool is_up(
    ProcessState state) noexcept;  ///< starting, running, backoff (supervisord's RUNNING_STATES) or stopping

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
  int exit_status = 0;  ///< -1 after death by a signal; 0 while FATAL or BACKOFF after a quick exit
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

/// One process's outcome of a group call.
struct ProcessStatus {
  std::string name;
  std::string group;
  int status = 0;  ///< a FaultCode; success is 80
  std::string description;
};

struct LogTail {
  std::string text;         ///< bytes as they were logged, as far as they could be had; see Supervisor
  std::int64_t offset = 0;  ///< the log's size: where the next tail begins
  bool overflow = false;    ///< older bytes were skipped
};

struct ReloadedConfig {
  std::vector<std::string> added, changed, removed;
};

/// supervisord's XML-RPC interface, typed: one method here for each of supervisord's own.
/// Used from one thread at a time. Every call blocks until its answer or its deadline. Waiting calls
/// (start and stop with wait = true) take their deadline from the process's own startsecs and stopwaitsecs.
/// Log bytes that XML forbids are replaced by '?' (control bytes) or U+FFFD; a window that cuts a character
/// in two is asked for again, shifted.
class Supervisor {
 public:
  explicit Supervisor(std::unique_ptr<Transport> transport);
  ~Supervisor();
  Supervisor(Supervisor&&) noexcept;
  Supervisor& operator=(Supervisor&&) noexcept;

  // the supervisor itself
  Result<std::string> get_api_version();
  Result<std::string> get_supervisor_version();
  Result<std::string> get_identification();
  Result<SupervisorState> get_state();
  Result<int> get_pid();
  Result<std::string> read_log(std::int64_t offset, std::int64_t length);
  Result<bool> clear_log();
  Result<bool> shutdown();
  Result<bool> restart();
  Result<ReloadedConfig> reload_config();
  Result<bool> add_process_group(std::string_view name);
  Result<bool> remove_process_group(std::string_view name);

  // processes
  Result<ProcessInfo> get_process_info(std::string_view name);
  Result<std::vector<ProcessInfo>> get_all_process_info();
  Result<std::vector<ProcessConfig>> get_all_config_info();
  Result<bool> start_process(std::string_view name, bool wait = true);
  Result<std::vector<ProcessStatus>> start_process_group(std::string_view name, bool wait = true);
  Result<std::vector<ProcessStatus>> start_all_processes(bool wait = true);
  Result<bool> stop_process(std::string_view name, bool wait = true);
  Result<std::vector<ProcessStatus>> stop_process_group(std::string_view name, bool wait = true);
  Result<std::vector<ProcessStatus>> stop_all_processes(bool wait = true);
  Result<bool> signal_process(std::string_view name, std::string_view signal);
  Result<std::vector<ProcessStatus>> signal_process_group(std::string_view name, std::string_view signal);
  Result<std::vector<ProcessStatus>> signal_all_processes(std::string_view signal);
  Result<bool> send_process_stdin(std::string_view name, std::string_view chars);
  Result<bool> send_remote_comm_event(std::string_view type, std::string_view data);

  // their logs
  Result<std::string> read_process_stdout_log(std::string_view name, std::int64_t offset,
                                              std::int64_t length);
  Result<std::string> read_process_stderr_log(std::string_view name, std::int64_t offset,
                                              std::int64_t length);
  Result<LogTail> tail_process_stdout_log(std::string_view name, std::int64_t offset, std::int64_t length);
  Result<LogTail> tail_process_stderr_log(std::string_view name, std::int64_t offset, std::int64_t length);
  Result<bool> clear_process_logs(std::string_view name);
  Result<std::vector<ProcessStatus>> clear_all_process_logs();

  // system.*
  Result<std::vector<std::string>> list_methods();
  Result<std::string> method_help(std::string_view method);
  Result<std::vector<std::string>> method_signature(std::string_view method);

  /// Calls in order, one round trip; each result is a value or a fault. Never mix log reads with waiting
  /// calls: their answer comes cut short (supervisord 4.2 counts characters where it should count bytes).
  Result<std::vector<tl::expected<Value, Error>>> multicall(const std::vector<Call>& calls);

  /// Any other method, such as a plug-in's.
  Result<Value> call(std::string_view method, Array params,
                     std::chrono::milliseconds deadline = std::chrono::seconds{10});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsbench::rpc
