#include <nlohmann/json.hpp>

#include "orchestrator/results/round_result.hpp"

namespace wsbench::results {

using nlohmann::json;

namespace {

json optional_ns(const std::optional<Nanoseconds>& duration) {
  return duration ? json(duration->count()) : json(nullptr);
}

json optional_json(const std::optional<double>& number) {
  return number ? json(*number) : json(nullptr);
}

std::optional<Nanoseconds> optional_ns(const json& document, const char* key) {
  const auto& value = document.at(key);
  if (value.is_null()) return std::nullopt;
  return Nanoseconds(value.get<Nanoseconds::rep>());
}

Nanoseconds ns(const json& document, const char* key) {
  return Nanoseconds(document.at(key).get<Nanoseconds::rep>());
}

json quantiles_json(const Quantiles& q) {
  return {{"count", q.count},
          {"lost", q.lost},
          {"min_ns", optional_ns(q.min)},
          {"mean_ns", optional_ns(q.mean)},
          {"p50_ns", optional_ns(q.p50)},
          {"p90_ns", optional_ns(q.p90)},
          {"p95_ns", optional_ns(q.p95)},
          {"p99_ns", optional_ns(q.p99)},
          {"p999_ns", optional_ns(q.p999)},
          {"max_ns", optional_ns(q.max)},
          {"mean_at_least_ns", optional_ns(q.mean_at_least)},
          {"exact", q.exact}};
}

Quantiles quantiles_from(const json& d) {
  Quantiles q{d.at("count").get<std::uint64_t>(), d.at("lost").get<std::uint64_t>(),
              optional_ns(d, "min_ns"),           optional_ns(d, "mean_ns"),
              optional_ns(d, "p50_ns"),           optional_ns(d, "p90_ns"),
              optional_ns(d, "p95_ns"),           optional_ns(d, "p99_ns"),
              optional_ns(d, "p999_ns"),          optional_ns(d, "max_ns")};
  if (!d.contains("exact")) {
    // The first documents told mean and max of those that came back.
    q.exact = q.count <= store::Distribution::kExact;
    q.mean_at_least = q.mean;
    if (q.lost > 0) q.mean = q.max = std::nullopt;
    return q;
  }
  q.mean_at_least = optional_ns(d, "mean_at_least_ns");
  d.at("exact").get_to(q.exact);
  return q;
}

template <typename Enum, std::size_t kSize>
json counts_json(const std::array<std::uint64_t, kSize>& counts) {
  json document = json::object();
  for (std::size_t i = 1; i < kSize; ++i) {
    if (counts[i] != 0) document[std::string(event::name(static_cast<Enum>(i)))] = counts[i];
  }
  return document;
}

template <typename Enum, std::size_t kSize>
void counts_from(const json& document, std::array<std::uint64_t, kSize>& counts) {
  for (std::size_t i = 1; i < kSize; ++i) {
    const std::string key(event::name(static_cast<Enum>(i)));
    if (document.contains(key)) counts[i] = document.at(key).template get<std::uint64_t>();
  }
}

json failure_json(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return {{"kind", name(failure->kind)},
          {"message", failure->message},
          {"spawn_error", failure->spawn_error},
          {"stderr_tail", failure->stderr_tail}};
}

std::optional<Failure> failure_from(const json& d) {
  if (d.is_null()) return std::nullopt;
  return Failure{failure_kind_from(d.at("kind").get<std::string>()).value_or(FailureKind::internal),
                 d.at("message").get<std::string>(), d.at("spawn_error").get<std::string>(),
                 d.at("stderr_tail").get<std::string>()};
}

json server_json(const std::optional<ServerUse>& use) {
  if (!use) return nullptr;
  return {{"samples", use->samples},
          {"rss_peak_bytes", use->rss_peak_bytes},
          {"pss_peak_bytes", use->pss_peak_bytes},
          {"cpu_share", use->cpu_share},
          {"threads", use->threads},
          {"processes", use->processes},
          {"files", use->files},
          {"connections", use->connections}};
}

std::optional<ServerUse> server_from(const json& d) {
  if (d.is_null()) return std::nullopt;
  ServerUse use;
  d.at("samples").get_to(use.samples);
  d.at("rss_peak_bytes").get_to(use.rss_peak_bytes);
  d.at("pss_peak_bytes").get_to(use.pss_peak_bytes);
  d.at("cpu_share").get_to(use.cpu_share);
  d.at("threads").get_to(use.threads);
  d.at("processes").get_to(use.processes);
  d.at("files").get_to(use.files);
  d.at("connections").get_to(use.connections);
  return use;
}

/// What the first documents did not have: there it was part of "lost", or told by nothing.
void take_accounts(RoundResult& r, const json& d) {
  r.due = d.value("due", r.sent);
  if (!d.contains("due")) return;
  counts_from<event::NotSent>(d.at("not_sent"), r.not_sent);
  d.at("reordered").get_to(r.reordered);
  d.at("altered").get_to(r.altered);
  d.at("duplicated").get_to(r.duplicated);
  d.at("foreign").get_to(r.foreign);
  d.at("messages_under_way").get_to(r.messages_under_way);
  d.at("clients_connected").get_to(r.clients_connected);
  if (const auto& stuck = d.at("stuck_clients"); !stuck.is_null())
    r.stuck_clients = stuck.get<std::uint64_t>();
  r.stuck_after = ns(d, "stuck_after_ns");
  if (const auto& share = d.at("waiting_share"); !share.is_null()) r.waiting_share = share.get<double>();
}

}  // namespace

json to_json(const RoundResult& r) {
  json conformance = json::array();
  for (const auto& check : r.conformance) {
    conformance.push_back({{"name", check.name}, {"passed", check.passed}, {"detail", check.detail}});
  }
  json gates = json::array();
  for (const auto& gate : r.gates) {
    gates.push_back({{"name", gate.name}, {"passed", gate.passed}, {"detail", gate.detail}});
  }
  json seconds = json::array();
  for (const auto& s : r.seconds) {
    seconds.push_back({{"second", s.index},
                       {"sent", s.sent},
                       {"received", s.received},
                       {"latency_p50_ns", optional_ns(s.latency_p50)},
                       {"latency_p99_ns", optional_ns(s.latency_p99)}});
  }
  return {{"contestant", r.contestant},
          {"round", r.round},
          {"state", name(r.state)},
          {"failure", failure_json(r.failure)},
          {"package_hint", r.package_hint},
          {"valid", r.valid()},
          {"requested", r.requested},
          {"attempted", r.attempted},
          {"established", r.established},
          {"ended", counts_json<event::Reason>(r.ended)},
          {"due", r.due},
          {"not_sent", counts_json<event::NotSent>(r.not_sent)},
          {"sent", r.sent},
          {"received", r.received},
          {"lost", r.lost},
          {"reordered", r.reordered},
          {"altered", r.altered},
          {"duplicated", r.duplicated},
          {"foreign", r.foreign},
          {"backlog_at_start", r.backlog_at_start},
          {"measured_ns", r.measured.count()},
          {"message_rate", r.message_rate},
          {"messages_under_way", r.messages_under_way},
          {"clients_connected", r.clients_connected},
          {"stuck_clients", r.stuck_clients ? json(*r.stuck_clients) : json(nullptr)},
          {"stuck_after_ns", r.stuck_after.count()},
          {"waiting_share", r.waiting_share ? json(*r.waiting_share) : json(nullptr)},
          {"latency", quantiles_json(r.latency)},
          {"service_time", quantiles_json(r.service_time)},
          {"lag", quantiles_json(r.lag)},
          {"read_lag", quantiles_json(r.read_lag)},
          {"read_lag_in_latency", quantiles_json(r.read_lag_in_latency)},
          {"wall_clock_stepped", r.wall_clock_stepped},
          {"handshake", quantiles_json(r.handshake)},
          {"seconds", std::move(seconds)},
          {"server", server_json(r.server)},
          {"client_cpu_share", r.client_cpu_share},
          {"client_run_queue_share", optional_json(r.client_run_queue_share)},
          {"stolen_cpu_share", r.stolen_cpu_share},
          {"client_transport", r.transport},
          {"events", r.events},
          {"event_bytes", r.event_bytes},
          {"lost_events", r.lost_events},
          {"conformance", std::move(conformance)},
          {"gates", std::move(gates)},
          {"began_ns", r.began.time_since_epoch().count()},
          {"own_start_ns", r.own_start.count()},
          {"supervisord_ns", r.supervisord.count()},
          {"load_ns", r.load.count()},
          {"dead_time_ns", r.dead_time.count()}};
}

RoundResult round_result_from_json(const json& d) {
  RoundResult r;
  d.at("contestant").get_to(r.contestant);
  d.at("round").get_to(r.round);
  r.state = turn_state_from(d.at("state").get<std::string>()).value_or(TurnState::pending);
  r.failure = failure_from(d.at("failure"));
  d.at("package_hint").get_to(r.package_hint);
  d.at("requested").get_to(r.requested);
  d.at("attempted").get_to(r.attempted);
  d.at("established").get_to(r.established);
  counts_from<event::Reason>(d.at("ended"), r.ended);
  d.at("sent").get_to(r.sent);
  d.at("received").get_to(r.received);
  d.at("lost").get_to(r.lost);
  d.at("backlog_at_start").get_to(r.backlog_at_start);
  r.measured = ns(d, "measured_ns");
  d.at("message_rate").get_to(r.message_rate);
  take_accounts(r, d);
  r.latency = quantiles_from(d.at("latency"));
  r.service_time = quantiles_from(d.at("service_time"));
  r.lag = quantiles_from(d.at("lag"));
  if (d.contains("read_lag")) {  // Not in the first documents, like what comes with it.
    r.read_lag = quantiles_from(d.at("read_lag"));
    r.read_lag_in_latency = quantiles_from(d.at("read_lag_in_latency"));
    d.at("wall_clock_stepped").get_to(r.wall_clock_stepped);
    const auto& share = d.at("client_run_queue_share");
    if (!share.is_null()) r.client_run_queue_share = share.get<double>();
  }
  r.handshake = quantiles_from(d.at("handshake"));
  for (const auto& s : d.at("seconds")) {
    r.seconds.push_back({s.at("second").get<std::uint32_t>(), s.at("sent").get<std::uint64_t>(),
                         s.at("received").get<std::uint64_t>(), optional_ns(s, "latency_p50_ns"),
                         optional_ns(s, "latency_p99_ns")});
  }
  r.server = server_from(d.at("server"));
  d.at("client_cpu_share").get_to(r.client_cpu_share);
  r.stolen_cpu_share = d.value("stolen_cpu_share", 0.0);  // not in the first documents
  r.transport = d.value("client_transport", "");          // likewise
  d.at("events").get_to(r.events);
  d.at("event_bytes").get_to(r.event_bytes);
  d.at("lost_events").get_to(r.lost_events);
  for (const auto& c : d.at("conformance")) {
    r.conformance.push_back(
        {c.at("name").get<std::string>(), c.at("passed").get<bool>(), c.at("detail").get<std::string>()});
  }
  for (const auto& g : d.at("gates")) {
    r.gates.push_back(
        {g.at("name").get<std::string>(), g.at("passed").get<bool>(), g.at("detail").get<std::string>()});
  }
  r.began = event::Time(ns(d, "began_ns"));
  r.own_start = ns(d, "own_start_ns");
  r.supervisord = ns(d, "supervisord_ns");
  r.load = ns(d, "load_ns");
  r.dead_time = ns(d, "dead_time_ns");
  return r;
}

}  // namespace wsbench::results
