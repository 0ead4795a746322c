#include "client/load/read_sampling.hpp"

#include <algorithm>
#include <chrono>

namespace wsbench::client {

namespace {

constexpr std::uint32_t kFewestClients = 32;
constexpr double kFewestReads = 1000;

double seconds(std::chrono::nanoseconds time) noexcept {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

ReadSampling::ReadSampling(const Plan& plan) noexcept
    : plan_(plan), threads_(static_cast<std::uint32_t>(plan.threads)) {
  if (plan.sampled_one_in == 0) return;
  if (plan.mode == Mode::open && is_few(plan.clients * seconds(plan.measuring) / seconds(plan.interval))) {
    client_in_ = 1;
    return;
  }
  client_in_ = std::clamp(plan.clients / kFewestClients, 1U, plan.sampled_one_in);
  read_in_ = plan.sampled_one_in / client_in_;
}

bool ReadSampling::is_few(double messages) const noexcept {
  return messages < kFewestReads * plan_.sampled_one_in;
}

std::uint32_t ReadSampling::reads_measured(std::uint64_t warm_up_echoes) const noexcept {
  if (plan_.mode == Mode::open) return read_in_;
  if (plan_.warm_up <= plan_.warm_up.zero()) return 1;
  const double messages =
      static_cast<double>(warm_up_echoes) * seconds(plan_.measuring) / seconds(plan_.warm_up);
  return is_few(messages) ? 1 : read_in_;
}

}  // namespace wsbench::client
