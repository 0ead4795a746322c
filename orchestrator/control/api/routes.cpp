#include "orchestrator/control/api/routes.hpp"

#include <optional>

namespace wsbench::control::api {

namespace {

/// Cuts the first part off a path: "/api/runs" gives "api", and "/runs" is left.
std::string_view take_part(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto part = path.substr(0, end);
  path.remove_prefix(end);
  return part;
}

std::optional<std::vector<std::string>> captured_by(std::string_view pattern, std::string_view path) {
  std::vector<std::string> captured;
  while (!pattern.empty() && path.starts_with('/')) {
    const auto wanted = take_part(pattern);
    const auto part = take_part(path);
    if (wanted != "*") {
      if (part != wanted) return std::nullopt;
    } else if (part.empty()) {
      return std::nullopt;
    } else {
      captured.emplace_back(part);
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return captured;
}

}  // namespace

RouteMatch match_route(std::span<const Route> routes, std::string_view method, std::string_view path) {
  RouteMatch match;
  for (const auto& route : routes) {
    auto captured = captured_by(route.pattern, path);
    if (!captured) continue;
    if (route.method == method) return {&route, std::move(*captured), {}};
    if (!match.allowed.empty()) match.allowed += ", ";
    match.allowed += route.method;
  }
  return match;
}

}  // namespace wsbench::control::api
