#pragma once

#include <nlohmann/json_fwd.hpp>

#include "orchestrator/config/object_reader.hpp"
#include "rpc/endpoint.hpp"

namespace wsbench::config {

/// The key `supervisord`: a URL, or an object with host and port or unix_socket, user, and password or
/// password_env (the name of an environment variable, looked up here). No finding ever shows a password.
rpc::Endpoint read_supervisord(const nlohmann::json& value, ConfigFindings& findings);

/// The object form, without the password.
nlohmann::json supervisord_to_json(const rpc::Endpoint& endpoint);

}  // namespace wsbench::config
