#include "orchestrator/control/web/web_request.hpp"

#include <utility>

#include "orchestrator/control/web/http_text.hpp"

namespace wsbench::control::web {

tl::expected<Request, Response> read_request(const RequestParser& parsed, std::string peer) {
  if (const Response* problem = parsed.problem()) return tl::unexpected(*problem);

  const std::string& target = parsed.get_uri();
  const std::size_t mark = target.find('?');
  auto path = percent_decoded(std::string_view(target).substr(0, mark));
  if (!path || path->empty() || path->front() != '/') {
    Response response;
    response.status = 400;
    response.body = "The path cannot be read.\n";
    return tl::unexpected(std::move(response));
  }

  Request request;
  request.method = parsed.get_method() == "HEAD" ? "GET" : parsed.get_method();
  request.path = std::move(*path);
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  for (const auto& [name, value] : parsed.get_headers()) {
    std::string lower = lower_case(name);
    if (lower != "host" || !parsed.is_host_invented()) request.headers.emplace_back(std::move(lower), value);
  }
  request.body = parsed.get_body();
  request.peer = std::move(peer);
  return request;
}

}  // namespace wsbench::control::web
