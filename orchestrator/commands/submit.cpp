#include "orchestrator/commands/submit.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/config/document.hpp"

namespace wsbench::commands {

using nlohmann::json;

namespace {

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
  if (!text) return fail(text.error());
  auto access = DaemonAccess::open(options.server);
  if (!access) return fail(kInfrastructure, access.error());
  const auto job = access->call("submit", {options.config.filename().string(), *text, options_of(options)});
  if (!job && job.error().is(rpc::FaultCode::bad_arguments)) {
    // Only the findings, a line each: the name of the call that failed does not help the user.
    const auto& message = job.error().message;
    constexpr std::string_view kName = "BAD_ARGUMENTS: ";
    const auto findings = message.find(kName);
    fmt::print(stderr, "{}\n",
               findings == std::string::npos ? message : message.substr(findings + kName.size()));
    return kUsage;
  }
  if (!job) return fail(job.error());
  if (options.json) {
    print_json(*job);
    return kSuccess;
  }
  const auto group = job->value("group", "");
  const auto jobs = access->call("queue");
  const auto before = jobs ? queued_before(*jobs, *job) : 0;
  fmt::print("{} is submitted{}; `wsbench watch` shows it, `wsbench cancel {}` cancels it\n", group,
             before == 0 ? " and begins" : fmt::format(", {} before it", before), group);
  return kSuccess;
}

}  // namespace wsbench::commands
