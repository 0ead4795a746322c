#include "orchestrator/control/xmlrpc/process_lookup.hpp"

#include <utility>

#include "orchestrator/control/state/names.hpp"

namespace wsbench::control::xmlrpc {

using state::Host;

using rpc::FaultCode;

namespace {

tl::unexpected<Fault> bad_name(std::string_view name) {
  return tl::unexpected(Fault{FaultCode::bad_name, std::string(name)});
}

}  // namespace

tl::expected<Found, Fault> find_process(const Host& host, std::string_view name) {
  const auto parts = state::split_process_name(name);
  Found found{host.status(), nullptr, nullptr};
  found.job = find_job(*found.status, parts.group);
  if (found.job == nullptr) return bad_name(name);
  if (!parts.process) return found;
  found.contestant = find_contestant(*found.job, *parts.process);
  if (found.contestant == nullptr) return bad_name(name);
  return found;
}

tl::expected<Found, Fault> find_contestant_process(const Host& host, std::string_view name) {
  auto found = find_process(host, name);
  if (found && found->contestant == nullptr) return bad_name(name);
  return found;
}

tl::expected<Found, Fault> find_group(const Host& host, std::string_view group) {
  Found found{host.status(), nullptr, nullptr};
  found.job = find_job(*found.status, group);
  if (found.job == nullptr) return bad_name(group);
  return found;
}

std::vector<Method> refused_while_stopping(std::vector<Method> methods) {
  for (auto& method : methods) {
    method.call = [call = std::move(method.call)](const MethodContext& context,
                                                  const rpc::Array& params) -> Outcome {
      if (context.host.status()->stopping) return tl::unexpected(Fault{FaultCode::shutdown_state, {}});
      return call(context, params);
    };
  }
  return methods;
}

}  // namespace wsbench::control::xmlrpc
