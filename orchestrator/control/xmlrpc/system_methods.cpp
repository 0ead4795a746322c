#include <optional>

#include "orchestrator/control/xmlrpc/rpc_method.hpp"

// Introspection and multicall, as supervisor/xmlrpc.py (SystemNamespaceRPCInterface) has them.

namespace wsbench::control::xmlrpc {

using state::Pace;

using rpc::FaultCode;

namespace {

constexpr std::string_view kMulticall = "system.multicall";

Outcome list_methods(const MethodContext& context) {
  rpc::Array names;
  for (const auto& [name, method] : context.methods.all()) names.emplace_back(name);
  return names;
}

Outcome method_help(const MethodContext& context, const std::string& name) {
  const auto* method = context.methods.find(name);
  if (method == nullptr) return tl::unexpected(Fault{FaultCode::signature_unsupported, {}});
  return method->help();
}

Outcome method_signature(const MethodContext& context, const std::string& name) {
  const auto* method = context.methods.find(name);
  if (method == nullptr) return tl::unexpected(Fault{FaultCode::signature_unsupported, {}});
  rpc::Array types;
  for (auto& type : method->signature()) types.emplace_back(std::move(type));
  return types;
}

Outcome one_of_many(const MethodContext& context, const rpc::Value& call) {
  const auto* name = call.member("methodName");
  const auto* method = name == nullptr ? nullptr : name->get_if<std::string>();
  if (method == nullptr) return tl::unexpected(Fault{FaultCode::incorrect_parameters, "No methodName"});
  if (*method == kMulticall) {
    return tl::unexpected(Fault{FaultCode::incorrect_parameters, "Recursive system.multicall forbidden"});
  }
  static const rpc::Array kNone;
  const auto* given = call.member("params");
  const auto* params = given == nullptr ? &kNone : given->get_if<rpc::Array>();
  if (params == nullptr) return tl::unexpected(Fault{FaultCode::incorrect_parameters, {}});
  return context.methods.call(context.host, *method, *params);
}

/// supervisord has no limit; what a small request can have us make is bounded here.
constexpr std::size_t kMostCalls = 200;

Outcome multicall(const MethodContext& context, const rpc::Array& calls) {
  if (calls.size() > kMostCalls)
    return tl::unexpected(Fault{FaultCode::incorrect_parameters, "at most 200 calls"});
  rpc::Array results;
  for (const auto& call : calls) {
    auto outcome = one_of_many(context, call);
    if (outcome) {
      results.push_back(std::move(*outcome));
    } else {
      results.emplace_back(rpc::Struct{{"faultCode", static_cast<int>(outcome.error().code)},
                                       {"faultString", outcome.error().text()}});
    }
  }
  return results;
}

}  // namespace

std::vector<Method> system_methods() {
  const MethodDoc::Param name{"name", "A method"};
  return {
      method(list_methods, {"system.listMethods",
                            Pace::at_once,
                            "Tell what can be called.",
                            {},
                            {"array", "names", "Of methods, sorted"}}),
      method(method_help, {"system.methodHelp",
                           Pace::at_once,
                           "Tell what a method does.",
                           {name},
                           {"string", "text", "Its documentation"}}),
      method(method_signature, {"system.methodSignature",
                                Pace::at_once,
                                "Tell the types of a method's result and parameters.",
                                {name},
                                {"array", "types", "Of its result, then of its parameters"}}),
      method(multicall,
             {kMulticall,
              Pace::at_once,
              "Make many calls in one, in order. A multicall within another is refused.",
              {{"calls", "Structs {string methodName, array params}"}},
              {"array", "results", "Bare values, or structs {int faultCode, string faultString}"}}),
  };
}

}  // namespace wsbench::control::xmlrpc
