#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/control/api/metrics.hpp"
#include "orchestrator/control/api/routes.hpp"
#include "orchestrator/control/state/names.hpp"
#include "orchestrator/control/state/status_json.hpp"
#include "orchestrator/control/state/submission.hpp"
#include "orchestrator/util/json_text.hpp"
#include "orchestrator/util/text_lines.hpp"

namespace wsbench::control::api {

using state::Pace;
using state::Refusal;
using web::Response;

using nlohmann::json;

namespace {

constexpr const char* kJsonType = "application/json";
constexpr std::int64_t kLogBytes = 16 * 1024;
constexpr std::int64_t kMostLogBytes = 1024 * 1024;

Response json_response(const json& document, int status = 200) {
  Response response;
  response.status = status;
  response.content_type = kJsonType;
  response.body = state::to_text(document) + "\n";
  return response;
}

Response text_response(std::string text) {
  Response response;
  response.body = std::move(text);
  return response;
}

int status_code(Refusal::Kind kind) {
  switch (kind) {
    case Refusal::Kind::not_found:
      return 404;
    case Refusal::Kind::bad_config:
      return 400;
    case Refusal::Kind::ended_already:
    case Refusal::Kind::active_already:
    case Refusal::Kind::not_here:
      return 409;
    case Refusal::Kind::failed:
      break;
  }
  return 503;
}

Response refusal_response(const Refusal& refusal) {
  if (refusal.kind != Refusal::Kind::bad_config) {
    return error_response(status_code(refusal.kind), refusal.message);
  }
  constexpr std::size_t kAll = std::size_t(-1);
  return json_response(
      {{"error", "the suite file is wrong"}, {"findings", util::last_lines(refusal.message, kAll)}}, 400);
}

/// The job as it is now; as it was where it is no longer listed.
json job_now(const state::Host& host, const state::JobStatus& before) {
  const auto status = host.status();
  for (const auto& job : status->jobs) {
    if (job.number == before.number) return job_json(job);
  }
  return job_json(before);
}

/// 201 and the job of that number.
Response created(const state::Host& host, std::uint64_t number) {
  const auto status = host.status();
  for (const auto& job : status->jobs) {
    if (job.number == number) return json_response(job_json(job), 201);
  }
  return json_response({{"number", number}}, 201);
}

Response get_status(const RouteCall& exchange) {
  return json_response(status_json(*exchange.host.status(), event::Clock::now()));
}

Response get_log(const RouteCall& exchange) {
  constexpr std::string_view kKey = "bytes=";
  std::int64_t bytes = kLogBytes;
  const std::string_view query = exchange.request.query;
  if (!query.empty()) {
    const auto digits = query.starts_with(kKey) ? query.substr(kKey.size()) : std::string_view();
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
    const bool is_number = problem == std::errc{} && end == digits.data() + digits.size();
    if (!is_number || bytes < 1) return error_response(400, "bytes: must be a number above 0");
  }
  return text_response(exchange.host.read_log(-std::min(bytes, kMostLogBytes), 0));
}

Response get_runs(const RouteCall& exchange) {
  const auto runs = exchange.host.runs();
  return runs ? json_response(runs_json(*runs)) : refusal_response(runs.error());
}

Response get_result(const RouteCall& exchange) {
  const auto& run = exchange.captured.front();
  if (!state::is_file_name(run)) return error_response(404, "there is no such run");
  auto text = exchange.host.result(run);
  if (!text) return refusal_response(text.error());
  auto response = text_response(std::move(*text));
  response.content_type = kJsonType;
  return response;
}

Response get_report(const RouteCall& exchange) {
  const auto& run = exchange.captured.front();
  if (!state::is_file_name(run)) return error_response(404, "there is no such run");
  auto text = exchange.host.report(run);
  return text ? text_response(std::move(*text)) : refusal_response(text.error());
}

Response post_suite(const RouteCall& exchange) {
  const auto refused = [](std::string_view why) {
    return json_response({{"error", why}, {"findings", json::array()}}, 400);
  };
  const auto document = util::parse_json(exchange.request.body);
  if (!document) return refused("not JSON: " + document.error().display());
  const auto submission = state::read_submission(*document);
  if (!submission) return refused(submission.error());
  const auto number = exchange.host.submit(*submission);
  return number ? created(exchange.host, *number) : refusal_response(number.error());
}

Response post_again(const RouteCall& exchange) {
  const auto number = exchange.host.again(exchange.captured.front());
  return number ? created(exchange.host, *number) : refusal_response(number.error());
}

Response post_cancel(const RouteCall& exchange) {
  const auto status = exchange.host.status();
  const auto* job = find_job(*status, exchange.captured.front());
  if (job == nullptr) return error_response(404, "there is no such suite");
  const auto done = exchange.host.cancel(job->group);
  return done ? json_response(job_now(exchange.host, *job)) : refusal_response(done.error());
}

Response post_skip(const RouteCall& exchange) {
  const auto status = exchange.host.status();
  const auto* job = find_job(*status, exchange.captured[0]);
  if (job == nullptr) return error_response(404, "there is no such suite");
  const auto done = exchange.host.skip(job->group, exchange.captured[1]);
  return done ? json_response(job_now(exchange.host, *job)) : refusal_response(done.error());
}

Response get_metrics(const RouteCall& exchange) {
  auto response = text_response(render_metrics(*exchange.host.status(), process_use()));
  response.content_type = kMetricsType;
  return response;
}

constexpr std::array<Route, 11> kRoutes{{
    {"GET", "/api/status", Pace::at_once, get_status},
    {"GET", "/api/log", Pace::at_once, get_log},
    {"GET", "/api/runs", Pace::takes_time, get_runs},
    {"GET", "/api/runs/*", Pace::takes_time, get_result},
    {"GET", "/api/runs/*/report", Pace::takes_time, get_report},
    {"GET", "/runs/*/results.json", Pace::takes_time, get_result},
    {"POST", "/api/suites", Pace::takes_time, post_suite},
    {"POST", "/api/suites/*/cancel", Pace::takes_time, post_cancel},
    {"POST", "/api/suites/*/again", Pace::takes_time, post_again},
    {"POST", "/api/suites/*/contestants/*/skip", Pace::takes_time, post_skip},
    {"GET", "/metrics", Pace::at_once, get_metrics},
}};

}  // namespace

std::span<const Route> api_routes() noexcept {
  return kRoutes;
}

Response error_response(int status, std::string_view message) {
  return json_response({{"error", message}}, status);
}

}  // namespace wsbench::control::api
