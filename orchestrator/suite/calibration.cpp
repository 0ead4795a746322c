#include "orchestrator/suite/calibration.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/probe/probe.hpp"
#include "client/transport/source.hpp"
#include "orchestrator/machine/child_process.hpp"
#include "orchestrator/machine/ports.hpp"
#include "orchestrator/results/gates.hpp"
#include "orchestrator/results/run_documents.hpp"
#include "orchestrator/suite/measured_load.hpp"
#include "orchestrator/util/sleep.hpp"

namespace wsbench::suite {

using contestants::InfrastructureError;

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::nanoseconds kLongest = 5s;
constexpr auto kStartLimit = 5s;

bool serves(const client::Target& target, const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + kStartLimit;
  while (!stop.stop_requested() && std::chrono::steady_clock::now() < deadline) {
    if (client::probe_echo(target, 1s)) return true;
    util::sleep_unless_stopped(stop, 5ms);
  }
  return false;
}

/// As many of loopback's addresses as it takes for each client to have a port, some being taken by others.
/// None when the system's choice does.
std::vector<std::string> loopback_sources(std::uint32_t clients) {
  const auto ports =
      std::max<std::size_t>(1, client::transport::usable_ports(client::transport::local_ports().size()));
  std::vector<std::string> addresses;
  for (std::size_t i = 0; clients > ports && i * ports < clients; ++i)
    addresses.push_back(fmt::format("127.0.{}.{}", i / 200, i % 200 + 1));
  return addresses;
}

}  // namespace

client::Plan calibration_plan(client::Plan plan) {
  // Addresses of another network cannot reach loopback.
  plan.source_addresses = loopback_sources(plan.clients);
  plan.measuring = std::min(plan.measuring, kLongest);
  plan.warm_up = std::min(plan.warm_up, plan.measuring / 10);
  plan.round = 0;
  return plan;
}

tl::expected<std::optional<results::RoundResult>, InfrastructureError> run_calibration(
    const CalibrationTask& task) {
  const auto failed = [](const std::string& why) {
    return tl::unexpected(InfrastructureError{"calibration: " + why});
  };
  const auto port = machine::free_port();
  if (!port) return failed(port.error());
  auto server = machine::ChildProcess::spawn({{std::filesystem::read_symlink("/proc/self/exe").string(),
                                               "null-echo", "--port", std::to_string(*port)},
                                              {},
                                              task.placement.contestants,
                                              {}});
  if (!server) return failed(server.error());

  auto plan = calibration_plan(task.plan);
  plan.target = {"127.0.0.1", *port, "/"};
  if (!serves(plan.target, task.stop)) {
    if (task.stop.stop_requested()) return std::nullopt;
    return failed(fmt::format("the null echo server did not answer on port {}", *port));
  }
  if (auto added = task.run.add_contestant(results::kFloorName); !added) return failed(added.error().message);
  if (auto erased = task.run.erase_events(results::kFloorName, 0); !erased)
    return failed(erased.error().message);

  auto load = run_load({task.run, plan, results::kFloorName, nullptr, task.stop}, {});
  if (!load) return failed(message_of(load.error()));
  if (load->ended_by) return std::nullopt;
  results::RoundResult result;
  result.contestant = results::kFloorName;
  result.requested = plan.clients;
  result.began = load->summary.began;
  if (auto taken = fold_load_into(result, plan, *load, task.run); !taken)
    return failed(message_of(taken.error()));
  result.failure = failure_under_load(result);
  result.state = result.failure ? results::TurnState::failed : results::TurnState::completed;
  if (!result.failure) result.gates = check_gates(result, plan);
  if (auto saved = save_result(task.run, result); !saved) return failed(saved.error().message);
  return result;
}

}  // namespace wsbench::suite
