#include "orchestrator/commands/daemon_access.hpp"

#include <chrono>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/util/rpc_json.hpp"
#include "rpc/endpoint.hpp"
#include "rpc/http_transport.hpp"

namespace wsbench::commands {

namespace {

constexpr const char* kDefaultUrl = "http://127.0.0.1:9002";
constexpr int kDefaultPort = 9002;
constexpr const char* kVariable = "WSBENCH_SERVER";

std::string url_of(const ControlServerOptions& options) {
  if (!options.url.empty()) return options.url;
  const char* set = std::getenv(kVariable);
  return set != nullptr && *set != '\0' ? set : kDefaultUrl;
}

}  // namespace

bool names_a_server(const ControlServerOptions& options) {
  return url_of(options) != kDefaultUrl;
}

DaemonAccess::DaemonAccess(rpc::Supervisor supervisor, std::string url)
    : supervisor_(std::move(supervisor)), url_(std::move(url)) {}

tl::expected<DaemonAccess, std::string> DaemonAccess::open(const ControlServerOptions& options) {
  auto endpoint = rpc::parse_endpoint(url_of(options), kDefaultPort);
  if (!endpoint) return tl::unexpected("--server: " + endpoint.error());
  const auto display = endpoint->display();
  DaemonAccess access(rpc::Supervisor(rpc::make_http_transport(*endpoint)), display);
  const auto identity = access.supervisor_.get_identification();
  if (!identity && identity.error().kind == rpc::Error::Kind::unreachable) {
    return tl::unexpected(fmt::format(
        "no wsbench daemon answers at {}; start one with `wsbench daemon configs/daemon.json`, or say where "
        "one is with --server or {}",
        display, kVariable));
  }
  if (!identity) return tl::unexpected(identity.error().message);
  if (*identity != "wsbench") {
    return tl::unexpected(fmt::format("at {} answers {}, which is no wsbench daemon", display,
                                      *identity == "supervisor" ? "a supervisord" : *identity));
  }
  return access;
}

rpc::Result<nlohmann::json> DaemonAccess::call(std::string_view method, rpc::Array params) {
  return supervisor_.call(fmt::format("wsbench.{}", method), std::move(params), std::chrono::seconds{30})
      .map([](const rpc::Value& value) { return util::json_from_value(value); });
}

int fail(const rpc::Error& error, std::string_view name) {
  if (error.is(rpc::FaultCode::bad_name))
    return fail(kUsage, fmt::format("there is no {}; `wsbench queue` lists the suites and their runs", name));
  if (error.is(rpc::FaultCode::not_running)) return fail(kUsage, fmt::format("{} has ended already", name));
  const bool asked_wrong = error.is(rpc::FaultCode::bad_arguments) ||
                           error.is(rpc::FaultCode::incorrect_parameters) ||
                           error.is(rpc::FaultCode::already_started);
  return fail(asked_wrong ? kUsage : kInfrastructure, error.message);
}

}  // namespace wsbench::commands
