#pragma once

#include <nlohmann/json_fwd.hpp>

#include "rpc/value.hpp"

namespace wsbench::util {

/// An XML-RPC value as JSON: base64 and dates as texts.
nlohmann::json json_from_value(const rpc::Value& value);

}  // namespace wsbench::util
