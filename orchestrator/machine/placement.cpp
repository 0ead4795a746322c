#include "orchestrator/machine/placement.hpp"

#include <sched.h>

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wsbench::machine {

namespace {

void run_on(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(cpu, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

}  // namespace

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

}  // namespace wsbench::machine
