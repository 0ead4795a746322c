#include "rpc/wait_times.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

namespace wsbench::rpc {
namespace {

using std::chrono::seconds;

/// For a process of unknown configuration: longer than nearly every startsecs or stopwaitsecs.
constexpr seconds kUnknownWait{60};

enum class Scope { process, group, all };

struct WaitingMethod {
  std::string_view name;
  Scope scope;
  seconds ProcessConfig::*wait;
};

constexpr WaitingMethod kWaitingMethods[] = {
    {"supervisor.startProcess", Scope::process, &ProcessConfig::start_seconds},
    {"supervisor.startProcessGroup", Scope::group, &ProcessConfig::start_seconds},
    {"supervisor.startAllProcesses", Scope::all, &ProcessConfig::start_seconds},
    {"supervisor.stopProcess", Scope::process, &ProcessConfig::stop_wait},
    {"supervisor.stopProcessGroup", Scope::group, &ProcessConfig::stop_wait},
    {"supervisor.stopAllProcesses", Scope::all, &ProcessConfig::stop_wait},
};

/// The call's method if the call waits, as it does unless its parameter `wait` is false.
const WaitingMethod* waiting_method(const Call& call) {
  const auto* method = std::find_if(std::begin(kWaitingMethods), std::end(kWaitingMethods),
                                    [&call](const WaitingMethod& m) { return m.name == call.method; });
  if (method == std::end(kWaitingMethods)) return nullptr;
  const std::size_t wait_index = method->scope == Scope::all ? 0 : 1;
  const bool* wait = wait_index < call.params.size() ? call.params[wait_index].get_if<bool>() : nullptr;
  return wait != nullptr && !*wait ? nullptr : method;
}

bool is_meant(const ProcessConfig& config, const WaitingMethod& method, std::string_view name) {
  if (method.scope == Scope::all) return true;
  if (method.scope == Scope::group) return config.group == name;
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return config.group == name && config.name == name;
  const std::string_view process = name.substr(colon + 1);
  return config.group == name.substr(0, colon) &&
         (process.empty() || process == "*" || process == config.name);
}

bool is_out_of_reach(const Error& error) {
  return error.kind == Error::Kind::unreachable || error.kind == Error::Kind::unauthorized ||
         error.kind == Error::Kind::timeout;
}

}  // namespace

std::optional<seconds> WaitTimes::longest(const Call& call) const {
  if (!configs_) return std::nullopt;
  const WaitingMethod& method = *waiting_method(call);
  const auto* name = call.params.empty() ? nullptr : call.params[0].get_if<std::string>();
  std::optional<seconds> found;
  for (const ProcessConfig& config : *configs_) {
    if (!is_meant(config, method, name == nullptr ? std::string_view() : *name)) continue;
    found = std::max(found.value_or(seconds{0}), config.*method.wait);
  }
  return found;
}

Result<std::chrono::milliseconds> WaitTimes::deadline_of(const Call& call) {
  if (waiting_method(call) == nullptr) return kDefaultDeadline;
  auto wait = longest(call);
  if (!wait) {
    auto configs = fetch_config_();
    if (!configs && is_out_of_reach(configs.error())) return tl::unexpected(std::move(configs.error()));
    if (!configs) return kDefaultDeadline + kUnknownWait;
    configs_ = std::move(*configs);
    wait = longest(call);
  }
  // A process that is still unknown may run although it has left the configuration. A misspelt name costs
  // nothing, since supervisord answers it with a fault at once.
  return kDefaultDeadline + wait.value_or(kUnknownWait);
}

}  // namespace wsbench::rpc
