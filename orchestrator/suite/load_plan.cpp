#include "orchestrator/suite/load_plan.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "orchestrator/util/quantities.hpp"

namespace wsbench::suite {

namespace {

/// Below this many clients a further shard costs more wake-ups than it gains.
constexpr std::size_t kClientsPerShard = 2000;

}  // namespace

client::Plan make_plan(const config::Config& config, const machine::Placement& placement) {
  client::Plan plan;
  plan.target = {config.host, config.effective_port(), config.path};
  plan.clients = config.clients;
  plan.ramp_per_second = config.ramp_per_second;
  plan.mode = config.mode;
  plan.arrivals = config.arrivals;
  if (config.interval) plan.interval = *config.interval;
  plan.payload_bytes = config.payload_bytes;
  plan.connect_timeout = config.connect_timeout;
  plan.measuring = config.seconds;
  plan.warm_up =
      std::chrono::nanoseconds(std::llround(static_cast<double>(config.seconds.count()) * config.warmup));
  plan.source_addresses = config.source_addresses;
  plan.transport = config.transport;
  plan.seed = config.seed;
  plan.cpus = placement.client;
  const auto cpus = placement.client.empty() ? machine::allowed_cpus().size() : placement.client.size();
  const auto wanted = std::max<std::size_t>(1, config.clients / kClientsPerShard);
  plan.threads = config.threads ? *config.threads : std::min(std::max<std::size_t>(1, cpus), wanted);
  return plan;
}

std::chrono::nanoseconds planned_duration(const client::Plan& plan) {
  const std::chrono::duration<double> ramp(static_cast<double>(plan.clients) / plan.ramp_per_second);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(ramp) + plan.warm_up + plan.measuring;
}

std::string describe(const client::Plan& plan) {
  const auto pace =
      plan.mode == client::Mode::closed
          ? std::string("the next message when the echo is back")
          : fmt::format(
                "a message each every {}{}", util::format_duration(plan.interval),
                plan.arrivals == client::Arrivals::exponential ? " on average (exponential gaps)" : "");
  return fmt::format("{} loop, {} clients, {}, {} bytes, {} after {} of warm-up",
                     plan.mode == client::Mode::closed ? "closed" : "open", util::format_count(plan.clients),
                     pace, util::format_count(plan.payload_bytes), util::format_duration(plan.measuring),
                     util::format_duration(plan.warm_up));
}

}  // namespace wsbench::suite
