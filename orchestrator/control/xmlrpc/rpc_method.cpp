#include "orchestrator/control/xmlrpc/rpc_method.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>

#include <fmt/format.h>

namespace wsbench::control::xmlrpc {

using state::Refusal;

using rpc::FaultCode;

std::string Fault::text() const {
  const auto code_name = rpc::name(code);
  return detail.empty() ? std::string(code_name) : fmt::format("{}: {}", code_name, detail);
}

Fault fault_of(const Refusal& refusal, std::string_view name) {
  switch (refusal.kind) {
    case Refusal::Kind::not_found:
      return {FaultCode::bad_name, std::string(name)};
    case Refusal::Kind::bad_config:
      return {FaultCode::bad_arguments, refusal.message};
    case Refusal::Kind::ended_already:
      return {FaultCode::not_running, std::string(name)};
    case Refusal::Kind::active_already:
      return {FaultCode::already_started, std::string(name)};
    case Refusal::Kind::not_here:
    case Refusal::Kind::failed:
      break;
  }
  return {FaultCode::failed, refusal.message};
}

std::string Method::help() const {
  std::string text = fmt::format("{}\n\n", doc.summary);
  for (std::size_t i = 0; i < doc.params.size(); ++i) {
    text += fmt::format("@param {} {}  {}\n", param_types[i], doc.params[i].name, doc.params[i].text);
  }
  return text + fmt::format("@return {} {}  {}", doc.result.type, doc.result.name, doc.result.text);
}

std::vector<std::string> Method::signature() const {
  std::vector<std::string> types{std::string(doc.result.type)};
  types.insert(types.end(), param_types.begin(), param_types.end());
  return types;
}

MethodTable::MethodTable(std::vector<Method> methods) {
  for (auto& method : methods) {
    assert(method.doc.params.size() == method.param_types.size());
    const auto name = method.doc.name;
    [[maybe_unused]] const bool is_new = methods_.emplace(name, std::move(method)).second;
    assert(is_new);
  }
}

const Method* MethodTable::find(std::string_view name) const noexcept {
  const auto found = methods_.find(name);
  return found == methods_.end() ? nullptr : &found->second;
}

bool MethodTable::takes_time(const rpc::Call& call) const noexcept {
  if (call.method == "system.multicall" && call.params.size() == 1) {
    const auto* calls = call.params.front().get_if<rpc::Array>();
    return calls != nullptr && std::any_of(calls->begin(), calls->end(), [this](const rpc::Value& one) {
             const auto* name = one.member("methodName");
             const auto* text = name == nullptr ? nullptr : name->get_if<std::string>();
             const auto* method = text == nullptr ? nullptr : find(*text);
             return method != nullptr && method->doc.pace == state::Pace::takes_time;
           });
  }
  const auto* method = find(call.method);
  return method != nullptr && method->doc.pace == state::Pace::takes_time;
}

Outcome MethodTable::call(state::Host& host, std::string_view method, const rpc::Array& params) const {
  const auto* found = find(method);
  if (found == nullptr) return tl::unexpected(Fault{FaultCode::unknown_method, {}});
  return found->call({host, *this}, params);
}

MethodTable control_methods() {
  std::vector<Method> all;
  for (auto part : {supervisor_methods, supervisor_turn_methods, supervisor_log_methods, system_methods,
                    wsbench_methods}) {
    auto methods = part();
    std::move(methods.begin(), methods.end(), std::back_inserter(all));
  }
  return MethodTable(std::move(all));
}

}  // namespace wsbench::control::xmlrpc
