#include "orchestrator/daemon/daemon_config.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/config/document.hpp"
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
    [](std::string_view text) { return control::web::parse_listen(text).has_value(); }};

const config::TextRule kOrigin{"an origin, such as \"https://bench.example.org\"", [](std::string_view text) {
                                 return (text.starts_with("http://") || text.starts_with("https://")) &&
                                        !text.ends_with('/');
                               }};

void read_login(config::ObjectReader& in, DaemonConfig& config) {
  config.user = in.text("user", config::kUser).value_or("");
  const json* password = in.any("password");
  if (password != nullptr && !password->is_string())
    in.complain("password", "must be a text in double quotes");
  if (password != nullptr && password->is_string()) config.password = password->get<std::string>();
  const auto variable = in.text("password_env", config::kVariable);
  if (variable && password != nullptr) {
    in.complain("password_env", "stands instead of \"password\"; give one of the two");
  } else if (variable) {
    const char* value = std::getenv(variable->c_str());
    if (value == nullptr || *value == '\0')
      in.complain("password_env", fmt::format("the environment variable {} is {}", *variable,
                                              value == nullptr ? "not set" : "empty"));
    else
      config.password = value;
  }
}

DaemonConfig read_daemon(const json& document, config::ConfigFindings& findings) {
  DaemonConfig config;
  config::ObjectReader in(document, "", findings);
  in.any("$schema");
  if (auto path = in.text("db_root", config::kPath)) config.db_root = *path;
  in.require("db_root", "the folder of the runs and of the queue");
  if (const auto listen = in.text("listen", kListen)) {
    auto parsed = control::web::parse_listen(*listen);
    config.address = parsed->address;
    config.port = parsed->port;
  }
  read_login(in, config);
  if (auto origins = in.texts("origins", kOrigin, 0, "")) config.origins = std::move(*origins);
  if (auto path = in.text("log_file", config::kPath)) config.log_file = *path;
  if (auto path = in.text("pid_file", config::kPath)) config.pid_file = *path;
  config.local = in.boolean("local").value_or(false);
  in.finish();
  // Half a login, a digest that is none, a listener that anybody could command.
  if (const auto access =
          control::web::Access::make({config.address, config.user, config.password, config.origins});
      !access)
    findings.add(config.user.empty() ? "/user" : "/password", access.error());
  if (const auto bound = control::web::check_listen(config.address, !config.password.empty()); !bound)
    findings.add("/listen", bound.error());
  return config;
}

/// What a suite that lies on the daemon's disk must not have.
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

tl::expected<DaemonConfig, config::ConfigError> read_daemon_file(const std::filesystem::path& file,
                                                                 const config::Overrides& overrides) {
  const auto text = config::read_config_file(file);
  if (!text) return tl::unexpected(text.error());
  DaemonConfig config;
  const auto read = config::read_document({*text, file, "a daemon's file"}, overrides,
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
  const auto read = config::read_document({text, name, "a suite"}, overrides,
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
