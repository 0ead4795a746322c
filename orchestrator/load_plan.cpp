#include "orchestrator/load_plan.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/quantities.hpp"

namespace wsbench::orchestrator {

namespace {

/// Below this many clients a further shard costs more wake-ups than it gains.
constexpr std::size_t kClientsPerShard = 2000;

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void run_on(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(cpu, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

}  // namespace

Placement place_on_one_machine() {
  const auto cpus = allowed_cpus();
  if (cpus.size() < 2)
    return {{}, {}, "client and contestants share the only CPU: expect the client to be late"};
  const auto client_count = std::max<std::size_t>(1, cpus.size() / 4);
  const auto split = cpus.end() - static_cast<std::ptrdiff_t>(client_count);
  Placement placement{{split, cpus.end()}, {cpus.begin(), split}, {}};
  placement.description =
      fmt::format("contestants on CPU {}, client on CPU {}", fmt::join(placement.contestants, ","),
                  fmt::join(placement.client, ","));
  return placement;
}

Placement place_client_alone() {
  return {{}, {}, "contestants elsewhere; the client uses every CPU of its machine"};
}

Pinned::Pinned(const Placement& placement) {
  if (placement.client.empty()) return;
  before_ = allowed_cpus();
  run_on(placement.client);
}

Pinned::~Pinned() {
  if (!before_.empty()) run_on(before_);
}

client::Plan make_plan(const Config& config, const Placement& placement) {
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
  const auto cpus = placement.client.empty() ? allowed_cpus().size() : placement.client.size();
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
                "a message each every {}{}", format_duration(plan.interval),
                plan.arrivals == client::Arrivals::exponential ? " on average (exponential gaps)" : "");
  return fmt::format("{} loop, {} clients, {}, {} bytes, {} after {} of warm-up",
                     plan.mode == client::Mode::closed ? "closed" : "open", format_count(plan.clients), pace,
                     format_count(plan.payload_bytes), format_duration(plan.measuring),
                     format_duration(plan.warm_up));
}

}  // namespace wsbench::orchestrator
