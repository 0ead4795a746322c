#include "orchestrator/control/xmlrpc/process_lookup.hpp"
#include "orchestrator/control/xmlrpc/process_view.hpp"
#include "orchestrator/control/xmlrpc/rpc_method.hpp"

// supervisord's methods about itself, and about its processes: here contestants.

namespace wsbench::control::xmlrpc {

using state::Pace;

namespace {

Outcome get_api_version(const MethodContext& /*context*/) {
  return "3.0";  // that supervisorctl insists on
}

Outcome get_version(const MethodContext& context) {
  return context.host.status()->version;
}

Outcome get_identification(const MethodContext& /*context*/) {
  return "wsbench";
}

Outcome get_state(const MethodContext& /*context*/) {
  return rpc::Struct{{"statecode", static_cast<int>(rpc::SupervisorState::running)},
                     {"statename", "RUNNING"}};
}

Outcome get_pid(const MethodContext& context) {
  return context.host.status()->pid;
}

Outcome shutdown(const MethodContext& context) {
  context.host.shut_down();
  return true;
}

Outcome get_process_info(const MethodContext& context, const std::string& name) {
  const auto found = find_contestant_process(context.host, name);
  if (!found) return tl::unexpected(found.error());
  return process_info(*found->job, *found->contestant, event::Clock::now());
}

Outcome get_all_process_info(const MethodContext& context) {
  const auto status = context.host.status();
  const auto now = event::Clock::now();
  rpc::Array all;
  for (const auto& job : status->jobs) {
    for (const auto& contestant : job.contestants) all.emplace_back(process_info(job, contestant, now));
  }
  return all;
}

Outcome get_all_config_info(const MethodContext& context) {
  const auto status = context.host.status();
  rpc::Array all;
  for (std::size_t job = 0; job < status->jobs.size(); ++job) {
    for (std::size_t one = 0; one < status->jobs[job].contestants.size(); ++one) {
      all.emplace_back(config_info(*status, job, one));
    }
  }
  return all;
}

}  // namespace

std::vector<Method> supervisor_methods() {
  const MethodDoc::Result version{"string", "version", "\"3.0\""};
  constexpr auto kVersionSummary = "Tell the version of supervisord's XML-RPC interface that is spoken.";
  return refused_while_stopping({
      method(get_api_version, {"supervisor.getAPIVersion", Pace::at_once, kVersionSummary, {}, version}),
      method(get_api_version, {"supervisor.getVersion", Pace::at_once, kVersionSummary, {}, version}),
      method(get_version, {"supervisor.getSupervisorVersion",
                           Pace::at_once,
                           "Tell wsbench's version.",
                           {},
                           {"string", "version", "Of wsbench"}}),
      method(get_identification, {"supervisor.getIdentification",
                                  Pace::at_once,
                                  "Tell who answers.",
                                  {},
                                  {"string", "identifier", "\"wsbench\""}}),
      method(get_state, {"supervisor.getState",
                         Pace::at_once,
                         "Tell the state of wsbench itself.",
                         {},
                         {"struct", "state", "{int statecode, string statename}: 1, RUNNING"}}),
      method(get_pid, {"supervisor.getPID",
                       Pace::at_once,
                       "Tell wsbench's own process.",
                       {},
                       {"int", "pid", "Of wsbench"}}),
      method(shutdown, {"supervisor.shutdown",
                        Pace::at_once,
                        "End wsbench in good order. A suite that runs goes on when it is started again.",
                        {},
                        {"boolean", "result", "true"}}),
      method(get_process_info, {"supervisor.getProcessInfo",
                                Pace::at_once,
                                "Tell where a contestant's turn is.",
                                {{"name", "\"suite:contestant\""}},
                                {"struct", "info", "As supervisord's of a process"}}),
      method(get_all_process_info,
             {"supervisor.getAllProcessInfo",
              Pace::at_once,
              "Tell where the turns of all contestants of all listed suites are.",
              {},
              {"array", "infos", "Structs as getProcessInfo's, in the order of the turns"}}),
      method(get_all_config_info,
             {"supervisor.getAllConfigInfo",
              Pace::at_once,
              "Tell of all contestants of all listed suites.",
              {},
              {"array", "infos", "Structs; group_prio is the suite's place, process_prio the contestant's"}}),
  });
}

}  // namespace wsbench::control::xmlrpc
