#include "orchestrator/daemon/daemon_config.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/config/document.hpp"
#include "orchestrator/config/key_table.hpp"
#include "orchestrator/config/key_types.hpp"
#include "orchestrator/config/suite_keys.hpp"
#include "orchestrator/config/text_rules.hpp"
#include "orchestrator/control/web/access.hpp"
#include "orchestrator/control/web/listen_address.hpp"
#include "rpc/endpoint.hpp"

namespace wsbench::daemon {

using config::ConfigError;
using config::ConfigFindings;
using config::ObjectReader;
using config::Overrides;
using nlohmann::json;

namespace {

const config::TextRule kListen{
    "an address and a port, such as \"127.0.0.1:9002\"",
    [](std::string_view text) { return control::web::parse_listen(text).has_value(); }, "^.+$"};

const config::TextRule kOrigin{"an origin, such as \"https://bench.example.org\"",
                               [](std::string_view text) {
                                 return (text.starts_with("http://") || text.starts_with("https://")) &&
                                        !text.ends_with('/');
                               },
                               "^https?://.*[^/]$"};

const config::ListRule kOrigins{.element = kOrigin};

/// Address and port in one text.
config::KeyType<DaemonConfig> listen_type() {
  return {[](ObjectReader& in, std::string_view key, DaemonConfig& config) {
            const auto listen = in.text(key, kListen);
            if (!listen) return;
            auto parsed = control::web::parse_listen(*listen);
            config.address = std::move(parsed->address);
            config.port = parsed->port;
          },
          [](const DaemonConfig& config) { return json(fmt::format("{}:{}", config.address, config.port)); },
          config::text_schema(kListen)};
}

const config::KeyTable<DaemonConfig>& table() {
  using C = DaemonConfig;
  using config::flag, config::text, config::texts;
  static const config::KeyTable<C> table{
      {"$schema", config::ignored<C>(), "", {}, "for editors: where this schema is; wsbench ignores it"},
      {"db_root",
       text(&C::db_root, config::kPath),
       config::kRequired,
       {},
       "the directory of the runs and of the queue, whatever a submitted suite says of its own; created if "
       "absent; a relative path is relative to the working directory"},
      {"listen",
       listen_type(),
       "",
       {},
       "a numeric address and a port, such as \"127.0.0.1:9002\", \"[::1]:9002\" or \":9002\"; port 0 is one "
       "that is free; elsewhere than on loopback a password is needed"},
      {"user",
       text(&C::user, config::kUser),
       "none",
       {},
       "who must log in (HTTP basic authentication), together with a password"},
      {"password",
       config::password(&C::password),
       "none",
       {},
       "the password, or \"{SHA}\" and its SHA-1 in hexadecimal digits, as supervisord has it"},
      {"password_env",
       config::password_variable(&C::password, "password"),
       "none",
       {},
       "instead of password: the environment variable that holds it"},
      {"origins",
       texts(&C::origins, kOrigins),
       "none",
       {},
       "origins whose pages may ask beside the dashboard's own, such as that of a proxy: "
       "\"https://bench.example.org\""},
      {"log_file",
       text(&C::log_file, config::kPath),
       "stderr",
       {},
       "where the log goes; opened anew at SIGHUP"},
      {"pid_file",
       text(&C::pid_file, config::kPath),
       "none",
       {},
       "a file with the daemon's process id, as long as it runs"},
      {"local",
       flag(&C::local),
       "",
       {},
       "every suite is run as with --local, against a supervisord of the daemon's own"},
  };
  return table;
}

DaemonConfig read_daemon(const json& document, ConfigFindings& findings) {
  DaemonConfig config;
  ObjectReader in(document, "", findings);
  read_keys(table(), in, config);
  // Refuses half a login, a malformed digest, and a listener beyond loopback that needs no password.
  if (const auto access =
          control::web::Access::make({config.address, config.user, config.password, config.origins});
      !access)
    findings.add(config.user.empty() ? "/user" : "/password", access.error());
  if (const auto bound = control::web::check_listen(config.address, !config.password.empty()); !bound)
    findings.add("/listen", bound.error());
  return config;
}

/// Refuses passwords in a submitted suite, which the daemon keeps on its disk.
void refuse_secrets(const json& document, config::ConfigFindings& findings) {
  constexpr const char* kAdvice =
      "a daemon keeps its suites on disk, where no password may be: give \"password_env\", the name of a "
      "variable in the daemon's environment that begins with WSBENCH_";
  const auto given = document.find("supervisord");
  if (given == document.end()) return;
  if (given->is_string()) {
    const auto endpoint = rpc::parse_endpoint(given->get_ref<const std::string&>());
    if (endpoint && !endpoint->password.empty()) findings.add("/supervisord", kAdvice);
  } else if (given->is_object()) {
    if (given->contains("password")) findings.add("/supervisord/password", kAdvice);
    const auto variable = given->find("password_env");
    if (variable != given->end() && variable->is_string() &&
        !variable->get_ref<const std::string&>().starts_with("WSBENCH_"))
      findings.add("/supervisord/password_env", "must begin with WSBENCH_ in a suite that a daemon runs");
  }
}

}  // namespace

const std::vector<config::KeyInfo>& daemon_keys() {
  static const std::vector<config::KeyInfo> keys = describe_keys(table());
  return keys;
}

std::string daemon_schema() {
  using nlohmann::ordered_json;
  const auto needs = [](const char* key) { return ordered_json{{"required", {key}}}; };
  const auto user = ordered_json::array({"user"});
  return config::schema_file(
      "wsbench daemon",
      "Where a daemon keeps its runs and how it is asked. A file like this is given to `wsbench daemon`.",
      daemon_keys(),
      {{"not", {{"required", {"password", "password_env"}}}},
       {"dependencies",
        {{"user", {{"anyOf", ordered_json::array({needs("password"), needs("password_env")})}}},
         {"password", user},
         {"password_env", user}}}});
}

tl::expected<DaemonConfig, config::ConfigError> read_daemon_file(const std::filesystem::path& file,
                                                                 const config::Overrides& overrides) {
  const auto text = config::read_config_file(file);
  if (!text) return tl::unexpected(text.error());
  DaemonConfig config;
  const auto read = config::read_document({*text, file, "a daemon's file", list_keys(table())}, overrides,
                                          [&](const json& document, config::ConfigFindings& findings) {
                                            config = read_daemon(document, findings);
                                          });
  if (!read) return tl::unexpected(read.error());
  return config;
}

tl::expected<Submitted, config::ConfigError> parse_submitted(std::string_view text, const std::string& name,
                                                             const config::Overrides& overrides,
                                                             const std::filesystem::path& db_root) {
  Submitted submitted;
  const auto read = config::read_document(config::suite_text(text, name), overrides,
                                          [&](const json& document, config::ConfigFindings& findings) {
                                            refuse_secrets(document, findings);
                                            auto own = document;
                                            own["db_root"] = db_root.string();
                                            own.erase("log_file");
                                            submitted.config = config::read_config(own, findings);
                                            submitted.text = own.dump();
                                          });
  if (!read) return tl::unexpected(read.error());
  // A name is no file's: "night-1.5" has no ending to take off.
  submitted.config.name = config::suite_name(name.ends_with(".json") ? name : name + ".json");
  return submitted;
}

}  // namespace wsbench::daemon
