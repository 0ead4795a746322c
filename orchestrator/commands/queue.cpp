#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/commands.hpp"
#include "orchestrator/commands/daemon_access.hpp"
#include "orchestrator/commands/status_text.hpp"
#include "orchestrator/config/document.hpp"

// The commands that ask a control server: submit, status, queue, cancel, result.

namespace wsbench::commands {

using nlohmann::json;

namespace {

int unreached(const std::string& why) {
  fmt::print(stderr, "wsbench: {}\n", why);
  return kInfrastructure;
}

void print(const json& document) {
  fmt::print("{}\n", document.dump(2, ' ', false, json::error_handler_t::replace));
}

bool on_terminal() {
  return ::isatty(STDOUT_FILENO) != 0;
}

rpc::Value options_of(const SubmitOptions& options) {
  rpc::Array overrides;
  for (const auto& [key, value] : options.overrides) overrides.emplace_back(rpc::Array{key, value});
  return rpc::Struct{{"overrides", std::move(overrides)}, {"local", options.local}};
}

std::size_t queued_before(const json& jobs, const json& job) {
  return static_cast<std::size_t>(std::count_if(jobs.begin(), jobs.end(), [&](const json& other) {
    const auto state = other.value("state", "");
    return (state == "queued" || state == "running") && other.value("number", 0) < job.value("number", 0);
  }));
}

}  // namespace

int submit_command(const SubmitOptions& options) {
  const auto text = config::read_config_file(options.config);
  if (!text) {
    fmt::print(stderr, "{}\n", text.error().message);
    return kUsage;
  }
  auto access = DaemonAccess::open(options.server);
  if (!access) return unreached(access.error());
  const auto job = access->call("submit", {options.config.filename().string(), *text, options_of(options)});
  if (!job && job.error().is(rpc::FaultCode::bad_arguments)) {
    // What is wrong with the file, a line each: the call that brought it there is no news.
    const auto& message = job.error().message;
    constexpr std::string_view kName = "BAD_ARGUMENTS: ";
    const auto findings = message.find(kName);
    fmt::print(stderr, "{}\n",
               findings == std::string::npos ? message : message.substr(findings + kName.size()));
    return kUsage;
  }
  if (!job) return fail(job.error());
  if (options.json) {
    print(*job);
    return kSuccess;
  }
  const auto group = job->value("group", "");
  const auto jobs = access->call("queue");
  const auto before = jobs ? queued_before(*jobs, *job) : 0;
  fmt::print("{} is submitted{}; `wsbench watch` shows it, `wsbench cancel {}` takes it back\n", group,
             before == 0 ? " and begins" : fmt::format(", {} before it", before), group);
  return kSuccess;
}

int status_command(const StatusOptions& options) {
  auto access = DaemonAccess::open(options.server);
  if (!access) return unreached(access.error());
  const auto status = access->call("status");
  if (!status) return fail(status.error());
  if (options.json) {
    print(*status);
    return kSuccess;
  }
  const auto text = render_status(*status, options.name, on_terminal());
  if (text.empty() && !options.name.empty()) {
    fmt::print(stderr, "wsbench: there is no {}; `wsbench queue` lists the suites\n", options.name);
    return kUsage;
  }
  if (text.empty())
    fmt::print("No suite waits or runs. `wsbench submit configs/smoke.json` puts one into the queue.\n");
  fmt::print("{}", text);
  return kSuccess;
}

int queue_command(const StatusOptions& options) {
  auto access = DaemonAccess::open(options.server);
  if (!access) return unreached(access.error());
  const auto jobs = access->call("queue");
  if (!jobs) return fail(jobs.error());
  if (options.json) {
    print(*jobs);
  } else if (jobs->empty()) {
    fmt::print("The queue is empty. `wsbench submit configs/smoke.json` puts a suite into it.\n");
  } else {
    fmt::print("{}", render_queue(*jobs, on_terminal()));
  }
  return kSuccess;
}

int cancel_command(const CancelOptions& options) {
  auto access = DaemonAccess::open(options.server);
  if (!access) return unreached(access.error());
  const auto colon = options.name.find(':');
  const bool whole_suite = colon == std::string::npos;
  const auto done =
      whole_suite ? access->call("cancel", {options.name})
                  : access->call("skip", {options.name.substr(0, colon), options.name.substr(colon + 1)});
  if (!done) return fail(done.error(), options.name);
  fmt::print("{} is {}\n", options.name, whole_suite ? "cancelled" : "skipped");
  return kSuccess;
}

int result_command(const ResultOptions& options) {
  auto access = DaemonAccess::open(options.server);
  if (!access) return unreached(access.error());
  auto run = options.run;
  if (run.empty()) {
    const auto runs = access->call("runs");
    if (!runs) return fail(runs.error());
    if (runs->empty()) {
      fmt::print(stderr, "wsbench: nothing has been measured yet\n");
      return kUsage;
    }
    const auto measured = std::find_if(runs->begin(), runs->end(),
                                       [](const json& one) { return one.value("contestants", 0) > 0; });
    run = (measured != runs->end() ? *measured : runs->front()).value("run", "");
  }
  const auto text = access->call(options.json ? "result" : "report", {run});
  if (!text) return fail(text.error(), run);
  fmt::print("{}", text->get<std::string>());
  if (options.json) fmt::print("\n");
  return kSuccess;
}

}  // namespace wsbench::commands
