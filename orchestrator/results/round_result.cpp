#include "orchestrator/results/round_result.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "orchestrator/util/quantities.hpp"

namespace wsbench::results {

bool RoundResult::valid() const noexcept {
  return state == TurnState::completed &&
         std::all_of(gates.begin(), gates.end(), [](const Gate& gate) { return gate.passed; });
}

std::vector<std::string> RoundResult::missed_gates() const {
  std::vector<std::string> missed;
  for (const auto& gate : gates)
    if (!gate.passed) missed.push_back(fmt::format("{} ({})", gate.name, gate.detail));
  return missed;
}

Quantiles quantiles_of(const store::Distribution& distribution) {
  const bool any_lost = distribution.censored() > 0;
  return {.count = distribution.count(),
          .lost = distribution.censored(),
          .min = distribution.min(),
          .mean = any_lost ? std::nullopt : distribution.mean(),
          .p50 = distribution.quantile(0.50),
          .p90 = distribution.quantile(0.90),
          .p95 = distribution.quantile(0.95),
          .p99 = distribution.quantile(0.99),
          .p999 = distribution.quantile(0.999),
          .max = any_lost ? std::nullopt : distribution.max(),
          .mean_at_least = distribution.mean_at_least(),
          .exact = distribution.exact()};
}

namespace {

ServerUse server_use(const std::vector<store::ServerSample>& samples) {
  ServerUse use;
  use.samples = samples.size();
  const auto value = [](const store::ServerSample& sample, event::Metric metric) -> std::uint64_t {
    const auto found = sample.values.find(metric);
    return found == sample.values.end() ? 0 : found->second;
  };
  for (const auto& sample : samples) {
    use.rss_peak_bytes = std::max(use.rss_peak_bytes, value(sample, event::Metric::rss_bytes));
    use.pss_peak_bytes = std::max(use.pss_peak_bytes, value(sample, event::Metric::pss_bytes));
    use.threads = std::max(use.threads, value(sample, event::Metric::threads));
    use.processes = std::max(use.processes, value(sample, event::Metric::processes));
    use.files = std::max(use.files, value(sample, event::Metric::files));
    use.connections = std::max(use.connections, value(sample, event::Metric::connections));
  }
  const auto elapsed = samples.back().time - samples.front().time;
  if (elapsed.count() > 0) {
    const auto cpu = value(samples.back(), event::Metric::cpu_nanoseconds) -
                     std::min(value(samples.front(), event::Metric::cpu_nanoseconds),
                              value(samples.back(), event::Metric::cpu_nanoseconds));
    use.cpu_share = static_cast<double>(cpu) / static_cast<double>(elapsed.count());
  }
  return use;
}

}  // namespace

namespace {

void set_window(RoundResult& result, const store::Statistics& statistics, client::Mode mode) {
  const store::Window& window = *statistics.window;
  result.measured = window.ended - window.began;
  result.message_rate =
      static_cast<double>(window.received) / std::chrono::duration<double>(result.measured).count();
  result.messages_under_way = window.under_way;
  result.clients_connected = window.connected;
  if (mode == client::Mode::open) return;
  result.stuck_clients = statistics.stuck;
  result.stuck_after = statistics.stuck_after;
  if (window.connected > 0) result.waiting_share = window.in_vain / window.connected;
}

}  // namespace

void set_statistics(RoundResult& result, const store::Statistics& statistics, client::Mode mode) {
  result.attempted = statistics.attempted;
  result.established = statistics.established;
  std::copy(statistics.ended.begin(), statistics.ended.end(), result.ended.begin());
  result.due = statistics.due;
  result.not_sent = statistics.not_sent;
  result.reordered = statistics.reordered;
  result.altered = statistics.altered;
  result.duplicated = statistics.duplicated;
  result.foreign = statistics.foreign;
  result.sent = statistics.sent;
  result.received = statistics.received;
  result.lost = statistics.lost;
  result.events = statistics.events;
  result.latency = quantiles_of(statistics.latency);
  result.service_time = quantiles_of(statistics.service_time);
  result.lag = quantiles_of(statistics.lag);
  result.read_lag = quantiles_of(statistics.read_lag);
  result.read_lag_in_latency = quantiles_of(statistics.read_lag_in_latency);
  result.wall_clock_stepped = statistics.wall_clock_stepped;
  result.handshake = quantiles_of(statistics.handshake);
  if (statistics.window) set_window(result, statistics, mode);
  for (const auto& second : statistics.seconds) {
    result.seconds.push_back(
        {second.index, second.sent, second.received, second.latency_p50, second.latency_p99});
  }

  if (!statistics.window) return;
  std::vector<store::ServerSample> samples;
  for (const auto& sample : statistics.samples) {
    if (sample.time >= statistics.window->began &&
        sample.time <= statistics.window->ended + std::chrono::milliseconds{500}) {
      samples.push_back(sample);
    }
  }
  if (!samples.empty()) result.server = server_use(samples);
}

std::string outcome(const RoundResult& r) {
  std::string text(name(r.state));
  if (r.failure) return text + fmt::format(": {}: {}", name(r.failure->kind), r.failure->message);
  if (r.state == TurnState::not_installed) {
    return text + (r.package_hint.empty() ? "" : ": needs " + r.package_hint);
  }
  if (r.state == TurnState::skipped) return text;
  if (r.latency.p50 && r.latency.p99) {
    text += fmt::format(": p50 {}, p99 {}", util::format_duration(*r.latency.p50),
                        util::format_duration(*r.latency.p99));
  }
  text +=
      fmt::format(", {} of {} clients, {} of {} messages lost", util::format_count(r.established),
                  util::format_count(r.requested), util::format_count(r.lost), util::format_count(r.sent));
  for (const auto& gate : r.gates) {
    if (!gate.passed) text += fmt::format("; INVALID: {}: {}", gate.name, gate.detail);
  }
  return text;
}

}  // namespace wsbench::results
