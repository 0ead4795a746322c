#pragma once

#include <nlohmann/json_fwd.hpp>

#include "rpc/value.hpp"

namespace wsbench::control::xmlrpc {

/// A JSON document as an XML-RPC value: null members of objects are left out, and members that
/// docs/control.md has as times are cut to whole seconds.
rpc::Value value_from_json(const nlohmann::json& document);

}  // namespace wsbench::control::xmlrpc
