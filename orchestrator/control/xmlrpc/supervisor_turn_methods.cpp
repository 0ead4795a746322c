#include <optional>

#include <fmt/format.h>

#include "orchestrator/control/xmlrpc/process_lookup.hpp"
#include "orchestrator/control/xmlrpc/process_view.hpp"
#include "orchestrator/control/xmlrpc/rpc_method.hpp"

// supervisord's methods that start and stop processes: here turns of contestants, and whole suites.

namespace wsbench::control::xmlrpc {

using state::Pace;

using rpc::FaultCode;

namespace {

/// A struct for each contestant of a job, all with the same outcome.
rpc::Array process_statuses(const state::JobStatus& job, FaultCode code) {
  rpc::Array all;
  for (const auto& contestant : job.contestants) all.emplace_back(process_status(job, contestant, code));
  return all;
}

Outcome start_group(const MethodContext& context, const Found& found) {
  const auto number = context.host.again(found.job->group);
  if (!number && number.error().kind == state::Refusal::Kind::active_already) {
    return process_statuses(*found.job, FaultCode::already_started);
  }
  if (!number) return tl::unexpected(fault_of(number.error(), found.job->group));
  const auto status = context.host.status();
  for (const auto& job : status->jobs) {
    if (job.number == *number) return process_statuses(job, FaultCode::success);
  }
  return process_statuses(*found.job, FaultCode::success);
}

/// supervisorctl has words for a start that ends in BAD_NAME, ALREADY_STARTED or SPAWN_ERROR, and for no
/// other: a contestant that is listed is never the first.
Outcome start_contestant(const MethodContext& context, const std::string& name, const Found& found) {
  const auto& contestant = *found.contestant;
  if (!has_ended(found.job->state) && !is_over(contestant)) {
    return tl::unexpected(Fault{FaultCode::already_started, name});
  }
  const auto done = context.host.unskip(found.job->group, contestant.name);
  if (!done) {
    return tl::unexpected(Fault{FaultCode::spawn_error, fmt::format("{}: {}", name, done.error().message)});
  }
  return true;
}

Outcome start_process(const MethodContext& context, const std::string& name,
                      const std::optional<bool>& /*wait*/) {
  const auto found = find_process(context.host, name);
  if (!found) return tl::unexpected(found.error());
  return found->contestant == nullptr ? start_group(context, *found)
                                      : start_contestant(context, name, *found);
}

Outcome start_process_group(const MethodContext& context, const std::string& group,
                            const std::optional<bool>& /*wait*/) {
  const auto found = find_group(context.host, group);
  if (!found) return tl::unexpected(found.error());
  return start_group(context, *found);
}

/// The contestants whose turns had not ended yet, as stopped.
Outcome stop_group(const MethodContext& context, const Found& found) {
  const auto& job = *found.job;
  const auto done = context.host.cancel(job.group);
  if (!done && done.error().kind == state::Refusal::Kind::ended_already) {
    return process_statuses(job, FaultCode::not_running);
  }
  if (!done) return tl::unexpected(fault_of(done.error(), job.group));
  rpc::Array stopped;
  for (const auto& contestant : job.contestants) {
    if (!is_over(contestant)) stopped.emplace_back(process_status(job, contestant, FaultCode::success));
  }
  return stopped;
}

Outcome stop_process(const MethodContext& context, const std::string& name,
                     const std::optional<bool>& /*wait*/) {
  const auto found = find_process(context.host, name);
  if (!found) return tl::unexpected(found.error());
  if (found->contestant == nullptr) return stop_group(context, *found);
  const auto done = context.host.skip(found->job->group, found->contestant->name);
  if (!done) return tl::unexpected(fault_of(done.error(), name));
  return true;
}

Outcome stop_process_group(const MethodContext& context, const std::string& group,
                           const std::optional<bool>& /*wait*/) {
  const auto found = find_group(context.host, group);
  if (!found) return tl::unexpected(found.error());
  return stop_group(context, *found);
}

Outcome stop_all_processes(const MethodContext& context, const std::optional<bool>& /*wait*/) {
  Found found{context.host.status(), nullptr, nullptr};
  rpc::Array all;
  for (const auto& job : found.status->jobs) {
    if (has_ended(job.state)) continue;
    found.job = &job;
    auto stopped = stop_group(context, found);
    if (!stopped) return stopped;
    const auto* structs = stopped->get_if<rpc::Array>();
    all.insert(all.end(), structs->begin(), structs->end());
  }
  return all;
}

}  // namespace

std::vector<Method> supervisor_turn_methods() {
  const MethodDoc::Param name{"name", "\"suite:contestant\" or \"suite:*\""};
  const MethodDoc::Param group{"name", "The suite"};
  const MethodDoc::Param wait{
      "wait", "Accepted; the answer comes when the request is taken, and the state tells the rest"};
  const MethodDoc::Result done{"boolean", "result",
                               "true; for a suite an array of a struct for each contestant"};
  const MethodDoc::Result started{"array", "statuses", "A struct for each contestant"};
  const MethodDoc::Result stopped{"array", "statuses",
                                  "A struct for each contestant whose turn had not ended"};
  return refused_while_stopping({
      method(
          start_process,
          {"supervisor.startProcess",
           Pace::takes_time,
           "Take a skipped contestant in again whose turn has not come yet, or submit an ended suite again.",
           {name, wait},
           done}),
      method(start_process_group, {"supervisor.startProcessGroup",
                                   Pace::takes_time,
                                   "Submit an ended suite again.",
                                   {group, wait},
                                   started}),
      method(stop_process, {"supervisor.stopProcess",
                            Pace::takes_time,
                            "Skip a contestant, or end its turn when that has begun, or cancel a suite.",
                            {name, wait},
                            done}),
      method(stop_process_group,
             {"supervisor.stopProcessGroup", Pace::takes_time, "Cancel a suite.", {group, wait}, stopped}),
      method(stop_all_processes,
             {"supervisor.stopAllProcesses", Pace::takes_time, "Cancel every suite.", {wait}, stopped}),
  });
}

}  // namespace wsbench::control::xmlrpc
