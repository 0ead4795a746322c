#include "orchestrator/config/supervisord.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/config/text_rules.hpp"
#include "rpc/endpoint.hpp"

namespace wsbench::config {

namespace {

using nlohmann::json;

constexpr const char* kPointer = "/supervisord";

void read_password(ObjectReader& in, rpc::Endpoint& endpoint) {
  const json* password = in.any("password");
  if (password != nullptr && !password->is_string())
    in.complain("password", "must be a text in double quotes");
  if (password != nullptr && password->is_string()) endpoint.password = password->get<std::string>();

  const auto variable = in.text("password_env", kVariable);
  if (variable && password != nullptr) {
    in.complain("password_env", "stands instead of \"password\"; give one of the two");
  } else if (variable) {
    const char* value = std::getenv(variable->c_str());
    if (value != nullptr && *value != '\0') {
      endpoint.password = value;
    } else {
      in.complain("password_env", fmt::format("the environment variable {} is {}", *variable,
                                              value == nullptr ? "not set" : "empty"));
    }
  }
  if (endpoint.user.empty() && !endpoint.password.empty()) {
    in.complain("user", "is missing; a password needs the user that it belongs to");
  }
}

rpc::Endpoint read_object(const json& object, ConfigFindings& findings) {
  rpc::Endpoint endpoint;
  ObjectReader in(object, kPointer, findings);
  const auto host = in.text("host", kHost);
  const auto port = in.integer<std::uint16_t>("port", 1, 65535);
  const auto socket = in.text("unix_socket", kSocketPath);
  if (host) endpoint.host = *host;
  if (port) endpoint.port = *port;
  if (socket) endpoint.unix_socket = *socket;
  if (socket && (host || port)) {
    in.complain("unix_socket", "stands instead of \"host\" and \"port\"; give one or the other");
  }
  endpoint.user = in.text("user", kUser).value_or("");
  read_password(in, endpoint);
  in.finish();
  return endpoint;
}

}  // namespace

rpc::Endpoint read_supervisord(const json& value, ConfigFindings& findings) {
  if (value.is_object()) return read_object(value, findings);
  if (!value.is_string()) {
    findings.add(kPointer,
                 fmt::format("must be an object such as {{\"host\": \"localhost\", \"port\": 9001}} "
                             "or a URL such as \"http://localhost:9001\", not {}",
                             describe(value)));
    return {};
  }
  auto endpoint = rpc::parse_endpoint(value.get_ref<const std::string&>());
  if (endpoint) return *endpoint;
  findings.add(kPointer, endpoint.error());
  return {};
}

json supervisord_to_json(const rpc::Endpoint& endpoint) {
  json object = json::object();
  if (endpoint.unix_socket.empty()) {
    object["host"] = endpoint.host;
    object["port"] = endpoint.port;
  } else {
    object["unix_socket"] = endpoint.unix_socket;
  }
  if (!endpoint.user.empty()) object["user"] = endpoint.user;
  return object;
}

}  // namespace wsbench::config
