#pragma once

#include "orchestrator/config/key_table.hpp"
#include "rpc/endpoint.hpp"

namespace wsbench::config {

struct Config;

/// The key `supervisord`: a URL, or an object with host and port or unix_socket, user, and password or
/// password_env (the name of an environment variable, looked up here). It is written as an object, without
/// the password, and no finding ever shows a password.
KeyType<Config> supervisord_type(rpc::Endpoint Config::*member);

}  // namespace wsbench::config
