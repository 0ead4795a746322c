#include "orchestrator/suite/machine_sampler.hpp"

#include <unistd.h>

#include <cmath>
#include <utility>

#include "orchestrator/machine/description.hpp"

namespace wsbench::suite {

using event::Metric;

void MachineSampler::sample(event::Phase phase) {
  const auto times = machine::cpu_times();
  if (times.all <= 0) return;
  const event::Time now = event::Clock::now();
  const double tick = 1e9 / static_cast<double>(::sysconf(_SC_CLK_TCK));
  recorder_.enter(phase);
  for (const auto& [metric, ticks] : {std::pair(Metric::machine_steal_nanoseconds, times.stolen),
                                      {Metric::machine_cpu_nanoseconds, times.all}})
    recorder_.record_sample({now, static_cast<std::uint64_t>(std::llround(ticks * tick)), event::kNobody,
                             static_cast<std::uint32_t>(metric), event::Kind::instrument});
  recorder_.submit();
}

}  // namespace wsbench::suite
