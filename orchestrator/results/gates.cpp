#include "orchestrator/results/gates.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "orchestrator/util/quantities.hpp"

namespace wsbench::results {

namespace {

Gate client_punctual(const RoundResult& r) {
  const auto lag = r.lag.p99.value_or(Nanoseconds{0});
  const auto latency = r.latency.p99.value_or(Nanoseconds{0});
  const auto limit =
      std::max(kLagFloor, Nanoseconds(std::llround(kLagShare * static_cast<double>(latency.count()))));
  auto detail = fmt::format("client's lag p99 {}, at most {} allowed", util::format_duration(lag),
                            util::format_duration(limit));
  if (r.stolen_cpu_share >= 0.01) {
    detail += fmt::format("; the hypervisor gave {:.0f} % of this machine's CPU time to others",
                          100 * r.stolen_cpu_share);
  }
  return {"client_punctual", lag <= limit, std::move(detail)};
}

Gate client_not_saturated(const RoundResult& r) {
  return {"client_not_saturated", r.client_cpu_share <= kClientCpuLimit,
          fmt::format("the busiest client thread used {:.0f} % of its core, at most {:.0f} % allowed",
                      100 * r.client_cpu_share, 100 * kClientCpuLimit)};
}

/// Closed loop: of each client that is connected one message is under way, within 5 %. It is Little's law
/// (1961) with both sides counted over the very same time, so that messages which are under way at its edges
/// count by the part of them that is in it.
Gate littles_law(const RoundResult& r) {
  // The first message of a client is due within ten milliseconds.
  const double first = 0.010 / std::chrono::duration<double>(r.measured).count();
  const double off = std::abs(r.messages_under_way - r.clients_connected);
  return {"littles_law", off <= (0.05 + first) * r.clients_connected,
          fmt::format("{:.1f} messages were under way on average, of {:.1f} clients connected",
                      r.messages_under_way, r.clients_connected)};
}

/// Open loop, uniform arrivals: what fell due, sent or not, is what the plan says.
Gate pace_kept(const RoundResult& r, const client::Plan& plan) {
  const double planned = static_cast<double>(r.requested) * static_cast<double>(r.measured.count()) /
                         static_cast<double>(plan.interval.count());
  const auto slack = std::max(0.01 * planned, static_cast<double>(r.requested));
  return {"pace_kept", std::abs(static_cast<double>(r.due) - planned) <= slack,
          fmt::format("{} messages were due ({} sent, {} not), {:.0f} by the plan", r.due, r.sent, r.unsent(),
                      planned)};
}

}  // namespace

std::vector<Gate> check_gates(const RoundResult& r, const client::Plan& plan) {
  std::vector<Gate> gates{client_punctual(r), client_not_saturated(r)};
  gates.push_back(
      {"anything_measured", r.measured_at_all(),
       fmt::format("{} messages were due in {} of measuring", r.sent, util::format_duration(r.measured))});
  gates.push_back(
      {"all_events_stored", r.lost_events == 0, fmt::format("{} events not recorded", r.lost_events)});
  gates.push_back(
      {"started_without_backlog", r.backlog_at_start == 0,
       fmt::format("{} messages of the warm-up unanswered when measuring began", r.backlog_at_start)});
  gates.push_back({"echoes_equal", r.altered + r.duplicated + r.foreign == 0,
                   fmt::format("{} echoes came altered, {} once more, and {} messages were no echo",
                               r.altered, r.duplicated, r.foreign)});
  const auto unsent = std::accumulate(r.not_sent.begin(), r.not_sent.end(), std::uint64_t{0});
  gates.push_back({"all_due_accounted_for",
                   r.received <= r.sent && r.sent == r.received + r.lost && r.due == r.sent + unsent,
                   fmt::format("{} due: {} sent ({} received, {} lost), {} not sent", r.due, r.sent,
                               r.received, r.lost, unsent)});
  gates.push_back(
      {"established_within_requested", r.established <= r.attempted && r.attempted <= r.requested,
       fmt::format("{} requested, {} attempted, {} established", r.requested, r.attempted, r.established)});
  if (r.latency.max) {  // None was lost.
    gates.push_back({"mean_within_max", r.latency.mean <= r.latency.max, "mean latency against the largest"});
  }
  if (plan.mode == client::Mode::closed && r.established > 0) gates.push_back(littles_law(r));
  if (plan.mode == client::Mode::open && plan.arrivals == client::Arrivals::uniform) {
    gates.push_back(pace_kept(r, plan));
  }
  return gates;
}

std::vector<std::string> missed_thresholds(const RoundResult& r, const config::Thresholds& limits) {
  std::vector<std::string> missed;
  const auto at_most_ms = [&](std::string_view what, const std::optional<double>& limit,
                              const std::optional<Nanoseconds>& value) {
    if (!limit) return;
    if (!value && r.sent == 0) {
      missed.push_back(fmt::format("{} is unknown: no message was measured", what));
    } else if (!value) {
      missed.push_back(fmt::format("{} is among lost messages, at most {} ms wanted", what, *limit));
    } else if (std::chrono::duration<double, std::milli>(*value).count() > *limit) {
      missed.push_back(
          fmt::format("{} is {}, at most {} ms wanted", what, util::format_duration(*value), *limit));
    }
  };
  at_most_ms("latency p50", limits.latency_p50_ms, r.latency.p50);
  at_most_ms("latency p99", limits.latency_p99_ms, r.latency.p99);
  at_most_ms("latency p99.9", limits.latency_p999_ms, r.latency.p999);
  at_most_ms("latency max", limits.latency_max_ms, r.latency.max);
  at_most_ms("handshake p99", limits.handshake_p99_ms, r.handshake.p99);
  if (limits.rss_mb && !r.server) missed.push_back("RSS is unknown: there were no samples of the monitor");
  if (limits.rss_mb && r.server && static_cast<double>(r.server->rss_peak_bytes) > *limits.rss_mb * 1e6) {
    missed.push_back(fmt::format("RSS is {}, at most {} MB wanted",
                                 util::format_bytes(r.server->rss_peak_bytes), *limits.rss_mb));
  }
  const auto ratio = [](std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  if (limits.lost_ratio && (r.sent == 0 || ratio(r.lost, r.sent) > *limits.lost_ratio)) {
    missed.push_back(fmt::format("{} of {} messages were lost, a share of at most {} wanted", r.lost, r.sent,
                                 *limits.lost_ratio));
  }
  if (limits.established_ratio && ratio(r.established, r.requested) < *limits.established_ratio) {
    missed.push_back(fmt::format("{} of {} clients were established, a share of at least {} wanted",
                                 r.established, r.requested, *limits.established_ratio));
  }
  return missed;
}

}  // namespace wsbench::results
