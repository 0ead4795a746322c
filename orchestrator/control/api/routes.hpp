#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/control/state/host.hpp"
#include "orchestrator/control/web/http.hpp"

// Requests by method and path, as a table.

namespace wsbench::control::api {

/// A request whose path fits a route, and what stood in its places.
struct RouteCall {
  state::Host& host;
  const web::Request& request;
  const std::vector<std::string>& captured;
};

struct Route {
  std::string_view method;   ///< "GET"
  std::string_view pattern;  ///< "/api/suites/*/cancel": a * is one part of a path, not empty
  state::Pace pace = state::Pace::at_once;
  web::Response (*answer)(const RouteCall& exchange) = nullptr;
};

struct RouteMatch {
  const Route* route = nullptr;       ///< none: no such path, or not by this method
  std::vector<std::string> captured;  ///< what the pattern's places hold
  std::string allowed;  ///< without a route: methods that the path has, "GET, POST"; empty: no such path
};

RouteMatch match_route(std::span<const Route> routes, std::string_view method, std::string_view path);

/// The routes of docs/control.md's table "JSON".
std::span<const Route> api_routes() noexcept;

/// {"error": message}
web::Response error_response(int status, std::string_view message);

}  // namespace wsbench::control::api
