#include "orchestrator/config/supervisord.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/config/key_types.hpp"
#include "orchestrator/config/suite_config.hpp"
#include "orchestrator/config/text_rules.hpp"

namespace wsbench::config {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using rpc::Endpoint;

const KeyTable<Endpoint>& endpoint_keys() {
  static const KeyTable<Endpoint> table{
      {"host", text(&Endpoint::host, kHost), "", {}, "where supervisord's inet_http_server listens"},
      {"port", whole(&Endpoint::port, 1, 65535), "", {}, "its port"},
      {"unix_socket",
       text(&Endpoint::unix_socket, kSocketPath),
       "none",
       {},
       "instead of host and port: the path of supervisord's unix_http_server"},
      {"user", text(&Endpoint::user, kUser), "none", {}, "as whom to speak to supervisord"},
      {"password",
       password(&Endpoint::password),
       "none",
       {},
       "the user's password; better kept out of the file by password_env"},
      {"password_env",
       password_variable(&Endpoint::password, "password"),
       "none",
       {},
       "instead of password: the environment variable that holds it"},
  };
  return table;
}

ordered_json schema() {
  const auto not_both = [](const char* one, const char* other) {
    return ordered_json{{"not", {{"required", {one, other}}}}};
  };
  const ordered_json rules = {
      {"allOf",
       {not_both("unix_socket", "host"), not_both("unix_socket", "port"),
        not_both("password", "password_env")}},
      {"dependencies",
       {{"password", ordered_json::array({"user"})}, {"password_env", ordered_json::array({"user"})}}}};
  const ordered_json url = {{"type", "string"}, {"minLength", 1}};
  return {{"oneOf", ordered_json::array({url, object_schema(describe_keys(endpoint_keys()), rules)})}};
}

Endpoint read_object(ObjectReader in) {
  Endpoint endpoint;
  read_keys(endpoint_keys(), in, endpoint);
  if (in.has("unix_socket") && (in.has("host") || in.has("port")))
    in.complain("unix_socket", "stands instead of \"host\" and \"port\"; give one or the other");
  if (endpoint.user.empty() && !endpoint.password.empty())
    in.complain("user", "is missing; a password needs the user that it belongs to");
  return endpoint;
}

Endpoint read(ObjectReader& in, std::string_view key, const json& value) {
  if (value.is_object()) return read_object(in.member(key, value));
  if (!value.is_string()) {
    in.complain(key, fmt::format("must be an object such as {{\"host\": \"localhost\", \"port\": 9001}} "
                                 "or a URL such as \"http://localhost:9001\", not {}",
                                 describe(value)));
    return {};
  }
  auto endpoint = rpc::parse_endpoint(value.get_ref<const std::string&>());
  if (endpoint) return std::move(*endpoint);
  in.complain(key, std::move(endpoint.error()));
  return {};
}

json write(const Endpoint& endpoint) {
  auto object = write_keys(endpoint_keys(), endpoint);
  if (endpoint.unix_socket.empty()) return object;
  object.erase("host");
  object.erase("port");
  return object;
}

}  // namespace

KeyType<Config> supervisord_type(Endpoint Config::*member) {
  return {[member](ObjectReader& in, std::string_view key, Config& config) {
            if (const json* value = in.any(key)) config.*member = read(in, key, *value);
          },
          [member](const Config& config) { return write(config.*member); }, schema(),
          "a URL or these:", describe_keys(endpoint_keys())};
}

}  // namespace wsbench::config
