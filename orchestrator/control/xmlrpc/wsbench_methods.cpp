#include <optional>

#include <nlohmann/json.hpp>

#include "orchestrator/control/state/names.hpp"
#include "orchestrator/control/state/status_json.hpp"
#include "orchestrator/control/state/submission.hpp"
#include "orchestrator/control/xmlrpc/json_value.hpp"
#include "orchestrator/control/xmlrpc/rpc_method.hpp"
#include "orchestrator/util/rpc_json.hpp"

// What supervisord has no word for.

namespace wsbench::control::xmlrpc {

using state::Host;
using state::Pace;

using nlohmann::json;
using rpc::FaultCode;

namespace {

Outcome submit(const MethodContext& context, const std::string& name, const std::string& config,
               const std::optional<rpc::Struct>& options) {
  auto document = util::json_from_value(options.value_or(rpc::Struct{}));
  if (document.contains("name") || document.contains("config")) {
    return tl::unexpected(Fault{FaultCode::incorrect_parameters, "name and config are no options"});
  }
  document["name"] = name;
  document["config"] = config;
  const auto submission = state::read_submission(document);
  if (!submission) return tl::unexpected(Fault{FaultCode::incorrect_parameters, submission.error()});
  const auto number = context.host.submit(*submission);
  if (!number) return tl::unexpected(fault_of(number.error(), name));
  const auto status = context.host.status();
  for (const auto& job : status->jobs) {
    if (job.number == *number) return value_from_json(job_json(job));
  }
  return rpc::Struct{{"number", static_cast<std::int64_t>(*number)}};
}

Outcome cancel(const MethodContext& context, const std::string& group) {
  const auto done = context.host.cancel(group);
  if (!done) return tl::unexpected(fault_of(done.error(), group));
  return true;
}

Outcome skip(const MethodContext& context, const std::string& group, const std::string& contestant) {
  const auto done = context.host.skip(group, contestant);
  if (!done) return tl::unexpected(fault_of(done.error(), group + ":" + contestant));
  return true;
}

Outcome queue(const MethodContext& context) {
  const auto status = context.host.status();
  rpc::Array jobs;
  for (const auto& job : status->jobs) jobs.push_back(value_from_json(job_json(job)));
  return jobs;
}

Outcome status(const MethodContext& context) {
  return value_from_json(status_json(*context.host.status(), event::Clock::now()));
}

Outcome runs(const MethodContext& context) {
  const auto all = context.host.runs();
  if (!all) return tl::unexpected(fault_of(all.error(), ""));
  return value_from_json(runs_json(*all));
}

using AboutRun = tl::expected<std::string, state::Refusal> (Host::*)(std::string_view);

Outcome about_run(const MethodContext& context, AboutRun ask, const std::string& run) {
  if (!state::is_file_name(run)) return tl::unexpected(Fault{FaultCode::bad_name, run});
  auto text = (context.host.*ask)(run);
  if (!text) return tl::unexpected(fault_of(text.error(), run));
  return std::move(*text);
}

Outcome result(const MethodContext& context, const std::string& run) {
  return about_run(context, &Host::result, run);
}

Outcome report(const MethodContext& context, const std::string& run) {
  return about_run(context, &Host::report, run);
}

}  // namespace

std::vector<Method> wsbench_methods() {
  const MethodDoc::Param group{"group", "A suite's name among the listed ones"};
  const MethodDoc::Param run{"run", "A run's name, or a group"};
  const MethodDoc::Result done{"boolean", "result", "true"};
  return {
      method(submit, {"wsbench.submit",
                      Pace::takes_time,
                      "Queue a suite.",
                      {{"name", "The suite's"},
                       {"config", "A suite file's text"},
                       {"options", "{array overrides: [[key, value]...], boolean local}; may be left out"}},
                      {"struct", "job", "As it is queued"}}),
      method(cancel,
             {"wsbench.cancel", Pace::takes_time, "Cancel a suite that waits or runs.", {group}, done}),
      method(skip, {"wsbench.skip",
                    Pace::takes_time,
                    "Skip a contestant, or end its turn when that has begun.",
                    {group, {"contestant", "Its name"}},
                    done}),
      method(queue, {"wsbench.queue",
                     Pace::at_once,
                     "Tell of the listed suites.",
                     {},
                     {"array", "jobs", "Structs: running, queued in their order, ended"}}),
      method(status, {"wsbench.status",
                      Pace::at_once,
                      "Tell everything that GET /api/status does.",
                      {},
                      {"struct", "status", "Times in whole seconds"}}),
      method(runs, {"wsbench.runs",
                    Pace::takes_time,
                    "List the runs in db_root.",
                    {},
                    {"array", "runs", "Structs, the latest first"}}),
      method(result, {"wsbench.result",
                      Pace::takes_time,
                      "Give a run's results.json.",
                      {run},
                      {"string", "text", "JSON"}}),
      method(report, {"wsbench.report",
                      Pace::takes_time,
                      "Give a run's tables.",
                      {run},
                      {"string", "text", "Without colours"}}),
  };
}

}  // namespace wsbench::control::xmlrpc
