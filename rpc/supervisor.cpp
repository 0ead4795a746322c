#include "rpc/supervisor.hpp"

#include <utility>

#include "rpc/log_reader.hpp"
#include "rpc/session.hpp"
#include "rpc/supervisor_decode.hpp"
#include "rpc/supervisor_log.hpp"
#include "rpc/xml_text.hpp"

namespace wsbench::rpc {
namespace {

/// Text that XML cannot hold is sent as base64, which supervisord decodes into a string.
Value exact_text(std::string_view text) {
  return printable(text) == text ? Value(text) : Value(Binary{std::string(text)});
}

}  // namespace

using Channel = SupervisorLog::Channel;

Supervisor::Supervisor(std::unique_ptr<Transport> transport)
    : session_(std::make_unique<Session>(std::move(transport))) {}

Supervisor::~Supervisor() = default;
Supervisor::Supervisor(Supervisor&&) noexcept = default;
Supervisor& Supervisor::operator=(Supervisor&&) noexcept = default;

Result<std::string> Supervisor::get_api_version() {
  return session_->ask(string_from, "supervisor.getAPIVersion");
}

Result<std::string> Supervisor::get_supervisor_version() {
  return session_->ask(string_from, "supervisor.getSupervisorVersion");
}

Result<std::string> Supervisor::get_identification() {
  return session_->ask(string_from, "supervisor.getIdentification");
}

Result<SupervisorState> Supervisor::get_state() {
  return session_->ask(supervisor_state_from, "supervisor.getState");
}

Result<int> Supervisor::get_pid() {
  return session_->ask(int_from, "supervisor.getPID");
}

Result<std::string> Supervisor::read_log(std::int64_t offset, std::int64_t length) {
  SupervisorLog log(*session_);
  return rpc::read_log(log, offset, length);
}

Result<bool> Supervisor::clear_log() {
  return session_->ask(bool_from, "supervisor.clearLog");
}

Result<bool> Supervisor::shutdown() {
  return session_->ask(bool_from, "supervisor.shutdown");
}

Result<bool> Supervisor::restart() {
  session_->forget_config();
  return session_->ask(bool_from, "supervisor.restart");
}

Result<ReloadedConfig> Supervisor::reload_config() {
  session_->forget_config();
  return session_->ask(reloaded_config_from, "supervisor.reloadConfig");
}

Result<bool> Supervisor::add_process_group(std::string_view name) {
  session_->forget_config();
  return session_->ask(bool_from, "supervisor.addProcessGroup", {name});
}

Result<bool> Supervisor::remove_process_group(std::string_view name) {
  session_->forget_config();
  return session_->ask(bool_from, "supervisor.removeProcessGroup", {name});
}

Result<ProcessInfo> Supervisor::get_process_info(std::string_view name) {
  return session_->ask(process_info_from, "supervisor.getProcessInfo", {name});
}

Result<std::vector<ProcessInfo>> Supervisor::get_all_process_info() {
  return session_->ask(process_infos_from, "supervisor.getAllProcessInfo");
}

Result<std::vector<ProcessConfig>> Supervisor::get_all_config_info() {
  return session_->ask(process_configs_from, "supervisor.getAllConfigInfo");
}

Result<bool> Supervisor::start_process(std::string_view name, bool wait) {
  return session_->ask(success_from, "supervisor.startProcess", {name, wait});
}

Result<std::vector<ProcessStatus>> Supervisor::start_process_group(std::string_view name, bool wait) {
  return session_->ask(process_statuses_from, "supervisor.startProcessGroup", {name, wait});
}

Result<std::vector<ProcessStatus>> Supervisor::start_all_processes(bool wait) {
  return session_->ask(process_statuses_from, "supervisor.startAllProcesses", {wait});
}

Result<bool> Supervisor::stop_process(std::string_view name, bool wait) {
  return session_->ask(success_from, "supervisor.stopProcess", {name, wait});
}

Result<std::vector<ProcessStatus>> Supervisor::stop_process_group(std::string_view name, bool wait) {
  return session_->ask(process_statuses_from, "supervisor.stopProcessGroup", {name, wait});
}

Result<std::vector<ProcessStatus>> Supervisor::stop_all_processes(bool wait) {
  return session_->ask(process_statuses_from, "supervisor.stopAllProcesses", {wait});
}

Result<bool> Supervisor::signal_process(std::string_view name, std::string_view signal) {
  return session_->ask(success_from, "supervisor.signalProcess", {name, signal});
}

Result<std::vector<ProcessStatus>> Supervisor::signal_process_group(std::string_view name,
                                                                    std::string_view signal) {
  return session_->ask(process_statuses_from, "supervisor.signalProcessGroup", {name, signal});
}

Result<std::vector<ProcessStatus>> Supervisor::signal_all_processes(std::string_view signal) {
  return session_->ask(process_statuses_from, "supervisor.signalAllProcesses", {signal});
}

Result<bool> Supervisor::send_process_stdin(std::string_view name, std::string_view chars) {
  return session_->ask(bool_from, "supervisor.sendProcessStdin", {name, exact_text(chars)});
}

Result<bool> Supervisor::send_remote_comm_event(std::string_view type, std::string_view data) {
  return session_->ask(bool_from, "supervisor.sendRemoteCommEvent", {type, exact_text(data)});
}

Result<std::string> Supervisor::read_process_stdout_log(std::string_view name, std::int64_t offset,
                                                        std::int64_t length) {
  SupervisorLog log(*session_, name, Channel::standard_output);
  return rpc::read_log(log, offset, length);
}

Result<std::string> Supervisor::read_process_stderr_log(std::string_view name, std::int64_t offset,
                                                        std::int64_t length) {
  SupervisorLog log(*session_, name, Channel::standard_error);
  return rpc::read_log(log, offset, length);
}

Result<LogTail> Supervisor::tail_process_stdout_log(std::string_view name, std::int64_t offset,
                                                    std::int64_t length) {
  SupervisorLog log(*session_, name, Channel::standard_output);
  return tail_log(log, offset, length);
}

Result<LogTail> Supervisor::tail_process_stderr_log(std::string_view name, std::int64_t offset,
                                                    std::int64_t length) {
  SupervisorLog log(*session_, name, Channel::standard_error);
  return tail_log(log, offset, length);
}

Result<bool> Supervisor::clear_process_logs(std::string_view name) {
  return session_->ask(bool_from, "supervisor.clearProcessLogs", {name});
}

Result<std::vector<ProcessStatus>> Supervisor::clear_all_process_logs() {
  return session_->ask(process_statuses_from, "supervisor.clearAllProcessLogs");
}

Result<std::vector<std::string>> Supervisor::list_methods() {
  return session_->ask(strings_from, "system.listMethods");
}

Result<std::string> Supervisor::method_help(std::string_view method) {
  return session_->ask(string_from, "system.methodHelp", {method});
}

Result<std::vector<std::string>> Supervisor::method_signature(std::string_view method) {
  return session_->ask(strings_from, "system.methodSignature", {method});
}

Result<std::vector<Result<Value>>> Supervisor::multicall(const std::vector<Call>& calls) {
  return session_->multicall(calls);
}

Result<Value> Supervisor::call(std::string_view method, Array params, std::chrono::milliseconds deadline) {
  return session_->send({std::string(method), std::move(params)}, deadline);
}

}  // namespace wsbench::rpc
