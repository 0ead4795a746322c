#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <thread>

#include "client/load/load.hpp"
#include "store/run/writer.hpp"
#include "tests/bench/bare_client.hpp"
#include "tests/support/temp_dir.hpp"

namespace wsbench::bench {

namespace {

using namespace std::chrono_literals;
using event::Phase;

using Threads = std::set<pid_t>;

constexpr std::uint32_t kRamp = 20000;  ///< connections a second; more than the server takes

Threads threads_of_process() {
  Threads threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    threads.insert(std::stoi(entry.path().filename()));
  }
  return threads;
}

/// CPU time so far, in microseconds.
double cpu_time_of(const Threads& threads) {
  double total = 0;
  for (const pid_t thread : threads) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/schedstat");
    double nanoseconds = 0;
    if (file >> nanoseconds) total += nanoseconds / 1000;
  }
  return total;
}

template <typename T, typename Error>
T required(tl::expected<T, Error> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

client::Plan plan_of(const Task& task, const std::string& transport) {
  client::Plan plan;
  plan.target = {"127.0.0.1", task.port, "/"};
  plan.clients = task.clients;
  plan.ramp_per_second = kRamp;
  plan.connect_timeout = 20s;
  plan.mode = task.loop == Loop::closed ? client::Mode::closed : client::Mode::open;
  plan.interval = task.interval;
  plan.warm_up = seconds(task.warm_up_seconds);
  plan.measuring = seconds(task.seconds);
  plan.transport = client::transport::kind_of(transport).value();
  plan.threads = task.shards;
  plan.sampled_one_in = task.sampled_one_in;
  if (task.cpu >= 0) plan.cpus = {task.cpu};
  return plan;
}

}  // namespace

Cost run_wsbench(const Task& task, const std::string& transport) {
  const test::TempDir folder;
  const auto run = required(store::Run::create(folder.path() / "db"));
  const auto writer = required(store::Writer::start(*run, "bench"));
  Threads store_threads = threads_of_process();
  store_threads.erase(::getpid());  // This one only looks on.

  Cost cost;
  const double base = resident_kilobytes();
  const CpuTime at_start = cpu_time();
  const auto load = required(client::Load::start(plan_of(task, transport), *writer));
  // Not at once: reading a snapshot costs this thread some 100 us, and the CPU time told is the process's.
  std::this_thread::sleep_for(seconds(0.9 * task.clients / kRamp));
  client::Snapshot ramp = load->snapshot();
  for (; ramp.phase == Phase::ramp && ramp.established < task.clients; ramp = load->snapshot()) {
    std::this_thread::sleep_for(2ms);
  }
  if (ramp.open < task.clients) throw std::runtime_error("a connection failed");
  cost.handshake_us = microseconds((cpu_time() - at_start).all()) / task.clients;
  while (load->snapshot().phase < Phase::measuring) std::this_thread::sleep_for(20ms);
  cost.kilobytes = (resident_kilobytes() - base) / task.clients;

  const auto received = load->snapshot().received;
  const double store_before = cpu_time_of(store_threads);
  const CpuTime before = cpu_time();
  std::this_thread::sleep_for(seconds(task.seconds * 0.9));
  const CpuTime used = cpu_time() - before;
  const double store_used = cpu_time_of(store_threads) - store_before;
  const auto echoes = static_cast<double>(load->snapshot().received - received);

  const client::Summary summary = load->wait();
  if (summary.lost_events > 0) throw std::runtime_error("events were lost");
  if (summary.totals.measured_received != summary.totals.measured_sent) {
    throw std::runtime_error("messages were lost");
  }
  required(writer->finish());
  event::Duration shards{0};
  for (const client::ShardUse& use : summary.shards) shards += use.cpu;
  const client::Snapshot& totals = summary.totals;
  cost.store_us = store_used / echoes;
  cost.round_trip_us = microseconds(shards) / static_cast<double>(totals.measured_received) + cost.store_us;
  cost.kernel_share = microseconds(used.kernel) / microseconds(used.all());
  cost.lag_p50_us = quantile(totals.lag, 0.5);
  cost.lag_p99_us = quantile(totals.lag, 0.99);
  cost.latency_p50_us = quantile(totals.latency, 0.5);
  cost.latency_p99_us = quantile(totals.latency, 0.99);
  cost.echoes_per_second = static_cast<double>(totals.measured_received) / task.seconds;
  return cost;
}

}  // namespace wsbench::bench
