#include "orchestrator/control/dispatcher.hpp"

#include <exception>
#include <utility>

#include <fmt/format.h>

#include "orchestrator/control/logs/log_stream.hpp"
#include "orchestrator/control/state/status_json.hpp"
#include "orchestrator/util/text_lines.hpp"
#include "rpc/codec.hpp"

namespace wsbench::control {

using web::Answer;
using web::Request;
using web::Response;

namespace {

constexpr const char* kBusy = "busy: too much is being asked at once; ask again later";
constexpr std::size_t kGreetingLines = 500;
constexpr std::int64_t kGreetingBytes = 64 * 1024;

// Of a call: a body has a mebibyte at most, and no call that is meant has more values.
constexpr std::size_t kMostElements = 20'000;

Response plain(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::move(text) + "\n";
  return response;
}

Response not_allowed(std::string allowed) {
  auto response = api::error_response(405, fmt::format("this path takes {} only", allowed));
  response.headers.emplace_back("Allow", std::move(allowed));
  return response;
}

Response busy() {
  auto response = api::error_response(503, kBusy);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response rpc_response(const xmlrpc::Outcome& outcome) {
  Response response;
  response.content_type = "text/xml";
  response.body = outcome ? rpc::encode_response(*outcome)
                          : rpc::encode_fault(static_cast<int>(outcome.error().code), outcome.error().text());
  return response;
}

/// Sends what `make` gives. What it throws costs this answer, not the thread.
template <typename Make>
void send_made(Answer& answer, Make make) {
  try {
    answer.send(make());
  } catch (const std::exception& error) {
    answer.send(api::error_response(500, error.what()));
  }
}

}  // namespace

Dispatcher::Dispatcher(DispatcherParts parts, const DispatcherLimits& limits)
    : parts_(std::move(parts)),
      followers_(limits.followers, limits.follow_interval),
      background_tasks_(limits.background_tasks) {}

Dispatcher::~Dispatcher() {
  stop();
}

void Dispatcher::stop() {
  background_tasks_.stop();
  followers_.stop();
}

std::optional<Response> Dispatcher::refuse(const Request& request) {
  return parts_.refuse(request);
}

std::string Dispatcher::greeting() {
  const auto end = parts_.host.tail_log(0, kGreetingBytes);
  const auto lines = util::last_lines(logs::whole_lines(end), kGreetingLines);
  return hello_message(*parts_.host.status(), lines, event::Clock::now());
}

void Dispatcher::handle(const Request& request, std::unique_ptr<Answer> answer) {
  if (request.path == "/RPC2") return handle_rpc(request, std::move(answer));
  auto match = match_route(api::api_routes(), request.method, request.path);
  if (match.route != nullptr) return run_route(request, std::move(match), std::move(answer));
  if (!match.allowed.empty()) return answer->send(not_allowed(std::move(match.allowed)));
  if (request.method != "GET") {
    return answer->send(logs::find_log_path(request.path) || request.path == "/healthz" ||
                                parts_.find_asset(request.path)
                            ? not_allowed("GET")
                            : api::error_response(404, "there is nothing at this path"));
  }
  if (request.path == "/healthz") return answer->send(healthz());
  if (logs::find_log_path(request.path)) return follow_log(request, std::move(answer));
  answer->send(asset(request));
}

void Dispatcher::handle_rpc(const Request& request, std::unique_ptr<Answer> answer) {
  if (request.method != "POST") return answer->send(not_allowed("POST"));
  auto call = rpc::decode_call(request.body, {.max_elements = kMostElements});
  // As supervisord has it: what is no call gets no fault either.
  if (!call) return answer->send(plain(400, call.error().message));

  const bool takes_time = methods_.takes_time(*call);
  const std::shared_ptr<Answer> shared = std::move(answer);
  const auto work = [this, shared, asked = std::move(*call)] {
    send_made(*shared, [&] { return rpc_response(methods_.call(parts_.host, asked.method, asked.params)); });
  };
  if (!takes_time) return work();
  if (!background_tasks_.post(work)) {
    shared->send(rpc_response(tl::unexpected(xmlrpc::Fault{rpc::FaultCode::failed, kBusy})));
  }
}

void Dispatcher::run_route(const Request& request, api::RouteMatch match, std::unique_ptr<Answer> answer) {
  const auto& route = *match.route;
  if (route.pace == state::Pace::at_once) {
    return send_made(*answer, [&] { return route.answer({parts_.host, request, match.captured}); });
  }
  const std::shared_ptr<Answer> shared = std::move(answer);
  const bool is_queued =
      background_tasks_.post([this, shared, &route, asked = request, places = std::move(match.captured)] {
        send_made(*shared, [&] { return route.answer({parts_.host, asked, places}); });
      });
  if (!is_queued) shared->send(busy());
}

void Dispatcher::follow_log(const Request& request, std::unique_ptr<Answer> answer) {
  const auto log = find_log(parts_.host, *logs::find_log_path(request.path));
  if (!log) return answer->send(plain(404, "there is no such log"));
  const std::shared_ptr<Answer> shared = std::move(answer);
  const bool is_queued = background_tasks_.post([this, shared, tail = *log] {
    if (followers_.is_full()) return shared->send(busy());
    auto follower = logs::begin_following(*shared, tail);
    if (follower) followers_.add(std::move(*follower));
  });
  if (!is_queued) shared->send(busy());
}

Response Dispatcher::healthz() const {
  if (parts_.host.status()->stopping) return plain(503, "stopping");
  if (background_tasks_.is_full()) return plain(503, kBusy);
  return plain(200, "ok");
}

Response Dispatcher::asset(const Request& request) const {
  const auto* found = parts_.find_asset(request.path);
  if (found == nullptr) return api::error_response(404, "there is nothing at this path");
  Response response;
  response.content_type = found->content_type;
  response.headers.emplace_back("ETag", found->etag);
  response.headers.emplace_back("Cache-Control", "no-cache");
  if (found->content_type.starts_with("text/html")) {
    response.headers.emplace_back("Content-Security-Policy", dashboard::kDashboardPolicy);
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
  }
  const auto* known = request.header("if-none-match");
  if (known != nullptr && known->find(found->etag) != std::string::npos) {
    response.status = 304;
    return response;
  }
  // Every browser takes gzip; a client that does not say so may be sent it too (RFC 9110, 12.5.3).
  if (found->gzipped) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = found->bytes;
  return response;
}

}  // namespace wsbench::control
