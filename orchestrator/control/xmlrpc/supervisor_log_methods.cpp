#include "orchestrator/control/xmlrpc/process_lookup.hpp"
#include "orchestrator/control/xmlrpc/rpc_method.hpp"

// supervisord's methods about logs: wsbench's own, and the contestants' from the supervisord that runs them.

namespace wsbench::control::xmlrpc {

using state::LogChannel;
using state::Pace;
using state::Refusal;

using rpc::FaultCode;

namespace {

constexpr MethodDoc::Param kContestant{"name", "\"suite:contestant\""};
constexpr MethodDoc::Param kOffset{"offset", "Where to begin; -n with length 0: the last n bytes"};
constexpr MethodDoc::Param kLength{"length", "How many bytes; 0: to the end"};
constexpr MethodDoc::Result kText{"string", "text", "Bytes of the log"};

/// What readFile in supervisor/options.py takes: a part from the start, or the last bytes to the end.
bool is_window(std::int64_t offset, std::int64_t length) {
  return length >= 0 && (offset >= 0 || length == 0);
}

Outcome bad_window() {
  return tl::unexpected(Fault{FaultCode::bad_arguments, {}});
}

Outcome read_log(const MethodContext& context, const std::int64_t& offset, const std::int64_t& length) {
  if (!is_window(offset, length)) return bad_window();
  return context.host.read_log(offset, length);
}

Outcome clear_log(const MethodContext& /*context*/) {
  return tl::unexpected(Fault{FaultCode::failed, "the daemon's log is kept"});
}

/// Of a contestant that is listed, it is the log that is not there.
Fault log_fault(const Refusal& refusal, const std::string& name) {
  if (refusal.kind == Refusal::Kind::not_found) return {FaultCode::no_file, refusal.message};
  return fault_of(refusal, name);
}

template <LogChannel kChannel>
Outcome read_contestant_log(const MethodContext& context, const std::string& name, const std::int64_t& offset,
                            const std::int64_t& length) {
  const auto found = find_contestant_process(context.host, name);
  if (!found) return tl::unexpected(found.error());
  if (!is_window(offset, length)) return bad_window();
  auto text =
      context.host.read_contestant_log(found->job->group, found->contestant->name, kChannel, offset, length);
  if (!text) return tl::unexpected(log_fault(text.error(), name));
  return std::move(*text);
}

template <LogChannel kChannel>
Outcome tail_contestant_log(const MethodContext& context, const std::string& name, const std::int64_t& offset,
                            const std::int64_t& length) {
  const auto found = find_contestant_process(context.host, name);
  if (!found) return tl::unexpected(found.error());
  auto window =
      context.host.tail_contestant_log(found->job->group, found->contestant->name, kChannel, offset, length);
  // supervisord has this for a log that is not there yet.
  if (!window && window.error().kind == Refusal::Kind::not_found) return rpc::Array{"", 0, false};
  if (!window) return tl::unexpected(fault_of(window.error(), name));
  return rpc::Array{std::move(window->text), window->size, window->overflow};
}

template <LogChannel kChannel>
Method read_method(std::string_view name) {
  return method(read_contestant_log<kChannel>, {name,
                                                Pace::takes_time,
                                                "Read a contestant's log, from the supervisord that runs it.",
                                                {kContestant, kOffset, kLength},
                                                kText});
}

template <LogChannel kChannel>
Method tail_method(std::string_view name) {
  return method(
      tail_contestant_log<kChannel>,
      {name,
       Pace::takes_time,
       "Read the end of a contestant's log, from the supervisord that runs it.",
       {kContestant, {"offset", "Where the last tail ended, or 0"}, {"length", "At most so many bytes"}},
       {"array", "tail", "[string text, int size of the log, boolean overflow: there was more]"}});
}

Method read_main_method(std::string_view name) {
  return method(read_log, {name, Pace::at_once, "Read wsbench's own log.", {kOffset, kLength}, kText});
}

}  // namespace

std::vector<Method> supervisor_log_methods() {
  constexpr auto kOut = LogChannel::stdout_log;
  constexpr auto kErr = LogChannel::stderr_log;
  return refused_while_stopping({
      read_main_method("supervisor.readLog"),
      read_main_method("supervisor.readMainLog"),
      method(clear_log, {"supervisor.clearLog",
                         Pace::at_once,
                         "Refused: wsbench keeps its log.",
                         {},
                         {"boolean", "result", "Never"}}),
      read_method<kOut>("supervisor.readProcessLog"),
      read_method<kOut>("supervisor.readProcessStdoutLog"),
      read_method<kErr>("supervisor.readProcessStderrLog"),
      tail_method<kOut>("supervisor.tailProcessLog"),
      tail_method<kOut>("supervisor.tailProcessStdoutLog"),
      tail_method<kErr>("supervisor.tailProcessStderrLog"),
  });
}

}  // namespace wsbench::control::xmlrpc
