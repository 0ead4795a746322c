#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/control/state/host.hpp"
#include "orchestrator/control/xmlrpc/rpc_parameters.hpp"
#include "rpc/error.hpp"
#include "rpc/value.hpp"

// XML-RPC methods as a table. A method is a plain function whose parameters' types are the method's:
//
//   Outcome stop_process(const MethodContext& context, const std::string& name, const std::optional<bool>&
//   wait);
//
// Strings, integers, booleans, arrays and structs; std::optional ones, at the end, may be left out.

namespace wsbench::control::xmlrpc {

/// Why a call has no result, as supervisord words it.
struct Fault {
  rpc::FaultCode code = rpc::FaultCode::failed;
  std::string detail;

  std::string text() const;  ///< "BAD_NAME: smoke:node-ws"; "UNKNOWN_METHOD" without a detail
};

using Outcome = tl::expected<rpc::Value, Fault>;

/// The fault that a refusal of what was asked about `name` is.
Fault fault_of(const state::Refusal& refusal, std::string_view name);

class MethodTable;

struct MethodContext {
  state::Host& host;
  const MethodTable& methods;
};

/// What is told of a method. The texts live as long as the program.
struct MethodDoc {
  struct Param {
    std::string_view name, text;
  };
  struct Result {
    std::string_view type, name, text;
  };

  std::string_view name;  ///< "supervisor.startProcess"
  state::Pace pace = state::Pace::at_once;
  std::string_view summary;
  std::vector<Param> params;  ///< their types are the function's
  Result result;
};

struct Method {
  MethodDoc doc;
  std::vector<std::string_view> param_types;
  std::function<Outcome(const MethodContext&, const rpc::Array&)> call;

  /// As supervisord's documentation looks: the summary, "@param type name  text" lines, "@return type name
  /// text".
  std::string help() const;
  /// [type of the result, types of the parameters...]
  std::vector<std::string> signature() const;
};

/// Thread-safe: never changed once it is made.
class MethodTable {
 public:
  explicit MethodTable(std::vector<Method> methods);

  const Method* find(std::string_view name) const noexcept;
  const std::map<std::string_view, Method>& all() const noexcept { return methods_; }

  /// Whether a call may block for seconds; a multicall does if one of its calls does.
  bool takes_time(const rpc::Call& call) const noexcept;
  Outcome call(state::Host& host, std::string_view method, const rpc::Array& params) const;

 private:
  std::map<std::string_view, Method> methods_;
};

std::vector<Method> supervisor_methods();
std::vector<Method> supervisor_turn_methods();
std::vector<Method> supervisor_log_methods();
std::vector<Method> system_methods();
std::vector<Method> wsbench_methods();

/// All of the above.
MethodTable control_methods();

/// A method made of a function; what its parameters are not is fault INCORRECT_PARAMETERS.
template <typename... Params>
Method method(Outcome (*function)(const MethodContext&, Params...), MethodDoc doc) {
  return {std::move(doc),
          {Parameter<std::decay_t<Params>>::kType...},
          [function](const MethodContext& context, const rpc::Array& params) -> Outcome {
            auto taken = take_parameters<std::decay_t<Params>...>(params);
            if (!taken) return tl::unexpected(Fault{rpc::FaultCode::incorrect_parameters, {}});
            return std::apply([&](const auto&... given) { return function(context, given...); }, *taken);
          }};
}

}  // namespace wsbench::control::xmlrpc
