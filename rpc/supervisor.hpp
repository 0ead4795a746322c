#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/error.hpp"
#include "rpc/supervisor_types.hpp"
#include "rpc/transport.hpp"
#include "rpc/value.hpp"

namespace wsbench::rpc {

class Session;

/// supervisord's XML-RPC interface with types: a method here for each of supervisord's own. Used from one
/// thread at a time. Every call blocks until its answer or its deadline. A call that waits (a start or stop
/// with wait = true) has a deadline made from the startsecs or stopwaitsecs of the process.
///
/// A name is "x", "group:x", or "group:*" for a group. start_process, stop_process and signal_process of a
/// group return true if all its processes succeeded, else the error of the first that did not.
///
/// Logs. A read takes a window as supervisord does: length 0 means to the end, and offset -n with length 0
/// the last n bytes. What XML forbids is replaced by as many bytes ('?' for a control byte or one that is not
/// UTF-8, U+FFFD for U+FFFE), so the next read begins at offset + text.size(). supervisord refuses a window
/// that is not UTF-8 as a whole: what can be read of it is then gathered piece by piece, and a character that
/// the window's end cuts is left to the next read. A tail holds only what was logged after its offset, and of
/// that the last `length` bytes; after a rotation (the log is smaller than the offset) it begins at the new
/// log's start. Logs over 2 GiB, which supervisord cannot tail, are tailed by reads.
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

  /// Calls in order, in one round trip; each result is a value or a fault. Never mix log reads with calls
  /// that wait: supervisord 4.2 counts characters rather than bytes then, and cuts its answer short.
  Result<std::vector<Result<Value>>> multicall(const std::vector<Call>& calls);

  /// Any other method, for instance of a plug-in.
  Result<Value> call(std::string_view method, Array params,
                     std::chrono::milliseconds deadline = std::chrono::seconds{10});

 private:
  std::unique_ptr<Session> session_;
};

}  // namespace wsbench::rpc
