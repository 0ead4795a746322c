#include "orchestrator/control/state/status_json.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>

#include <nlohmann/json.hpp>

namespace wsbench::control::state {

using nlohmann::json;

namespace {

/// A number that says no more digits than were measured.
double rounded(double value, double steps_per_unit) {
  return std::round(value * steps_per_unit) / steps_per_unit;
}

double rounded_seconds(results::Nanoseconds duration) {
  return rounded(std::chrono::duration<double>(duration).count(), 1000);
}

json time_json(event::Time time) {
  if (time == event::Time{}) return nullptr;
  return rounded_seconds(time.time_since_epoch());
}

json ns_json(const std::optional<results::Nanoseconds>& duration) {
  return duration ? json(duration->count()) : json(nullptr);
}

template <typename T>
json optional_json(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json text_json(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

/// The feed's word for a load's end is shorter than the store's.
std::string_view phase_name(event::Phase phase) {
  return phase == event::Phase::closing ? "close" : event::name(phase);
}

std::string_view state_name(const Status& status) {
  if (status.stopping) return "stopping";
  const bool runs = std::any_of(status.jobs.begin(), status.jobs.end(),
                                [](const JobStatus& job) { return job.state == JobState::running; });
  return runs ? "running" : "idle";
}

json result_json(const results::RoundResult* result) {
  if (result == nullptr) return nullptr;
  const auto& latency = result->latency;
  const auto& server = result->server;
  return {{"p50_ns", ns_json(latency.p50)},
          {"p95_ns", ns_json(latency.p95)},
          {"p99_ns", ns_json(latency.p99)},
          {"p999_ns", ns_json(latency.p999)},
          {"max_ns", ns_json(latency.max)},
          {"client_lag_p99_ns", ns_json(result->lag.p99)},
          {"requested", result->requested},
          {"established", result->established},
          {"sent", result->sent},
          {"received", result->received},
          {"lost", result->lost},
          {"message_rate", rounded(result->message_rate, 10)},
          {"rss_peak_bytes", server ? json(server->rss_peak_bytes) : json(nullptr)},
          {"cpu_share", server ? json(rounded(server->cpu_share, 10000)) : json(nullptr)},
          {"valid", result->valid()}};
}

json contestant_json(const ContestantStatus& one) {
  return {{"name", one.name},
          {"state", name(one.state)},
          {"round", one.round},
          {"rounds", one.rounds},
          {"description", one.description},
          {"error", one.error},
          {"began", time_json(one.began)},
          {"ended", time_json(one.ended)},
          {"result", result_json(one.result.get())}};
}

json point_json(const LivePoint& point) {
  return {{"t", rounded_seconds(point.at)},
          {"phase", phase_name(point.phase)},
          {"open", point.open},
          {"sent_rate", rounded(point.sent_rate, 10)},
          {"received_rate", rounded(point.received_rate, 10)},
          {"p50_ns", ns_json(point.p50)},
          {"p90_ns", ns_json(point.p90)},
          {"p99_ns", ns_json(point.p99)},
          {"p999_ns", ns_json(point.p999)},
          {"lag_p99_ns", ns_json(point.lag_p99)},
          {"rss_bytes", optional_json(point.rss_bytes)},
          {"cpu_share", point.cpu_share ? json(rounded(*point.cpu_share, 10000)) : json(nullptr)},
          {"connections", optional_json(point.connections)}};
}

json live_json(const Live* live, Points points) {
  if (live == nullptr) return nullptr;
  json document = {
      {"group", live->group},
      {"contestant", live->contestant},
      {"round", live->round},
      {"state", name(live->state)},
      {"phase", phase_name(live->totals.phase)},
      {"phase_began", time_json(live->totals.phase_began)},
      {"measuring_seconds", rounded_seconds(live->measuring)},
      {"warm_up_seconds", rounded_seconds(live->warm_up)},
      {"requested", live->requested},
      {"interval_seconds", live->interval ? json(rounded_seconds(*live->interval)) : json(nullptr)}};
  if (points == Points::included) {
    auto& array = document["points"] = json::array();
    for (const auto& point : live->points) array.push_back(point_json(point));
  }
  return document;
}

}  // namespace

json job_json(const JobStatus& job) {
  json contestants = json::array();
  for (const auto& contestant : job.contestants) contestants.push_back(contestant_json(contestant));
  return {{"number", job.number},
          {"group", job.group},
          {"suite", job.suite},
          {"state", name(job.state)},
          {"note", job.note},
          {"run", text_json(job.run)},
          {"local", job.local},
          {"load", job.load},
          {"submitted", time_json(job.submitted)},
          {"began", time_json(job.began)},
          {"ended", time_json(job.ended)},
          {"turns", job.turns},
          {"turns_done", job.turns_done},
          {"left_seconds", job.left ? json(rounded_seconds(*job.left)) : json(nullptr)},
          {"contestants", std::move(contestants)}};
}

json status_json(const Status& status, event::Time now, Points points) {
  json jobs = json::array();
  for (const auto& job : status.jobs) jobs.push_back(job_json(job));
  return {{"version", status.version},
          {"pid", status.pid},
          {"started", time_json(status.started)},
          {"now", time_json(now)},
          {"mode", status.foreground ? "run" : "daemon"},
          {"db_root", status.db_root},
          {"state", state_name(status)},
          {"jobs", std::move(jobs)},
          {"live", live_json(status.live.get(), points)}};
}

json runs_json(const std::vector<RunSummary>& runs) {
  json all = json::array();
  for (const auto& run : runs) {
    all.push_back({{"run", run.run},
                   {"suite", run.suite},
                   {"began", time_json(run.began)},
                   {"state", run.complete ? "complete" : "unfinished"},
                   {"contestants", run.contestants},
                   {"bytes", run.bytes}});
  }
  return all;
}

std::string to_text(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string hello_message(const Status& status, const std::vector<std::string>& log_lines, event::Time now) {
  return to_text({{"type", "hello"}, {"status", status_json(status, now)}, {"log", log_lines}});
}

std::string status_message(const Status& status, event::Time now) {
  return to_text({{"type", "status"}, {"status", status_json(status, now, Points::left_out)}});
}

std::string point_message(const Live& live) {
  assert(!live.points.empty());
  return to_text({{"type", "point"},
                  {"group", live.group},
                  {"contestant", live.contestant},
                  {"round", live.round},
                  {"phase", phase_name(live.totals.phase)},
                  {"phase_began", time_json(live.totals.phase_began)},
                  {"point", point_json(live.points.back())}});
}

std::string log_message(const std::vector<std::string>& lines) {
  return to_text({{"type", "log"}, {"lines", lines}});
}

}  // namespace wsbench::control::state
