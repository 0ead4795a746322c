#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "client/load.hpp"
#include "store/event/sink.hpp"
#include "tests/bench/epoll_echo.hpp"

// What a load costs its client: CPU time per round trip, lag, memory per connection, against a bare epoll
// echo server on the machine's last CPU, with the client on the first.

namespace {

using namespace std::chrono_literals;
using namespace wsbench;

/// Takes blocks and gives them out again: what recording costs without a store.
class RecyclingSink final : public event::Sink {
 public:
  std::unique_ptr<event::Block> acquire() noexcept override {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<event::Block>();
    auto block = std::move(free_.back());
    free_.pop_back();
    return block;
  }

  void submit(std::unique_ptr<event::Block> block) noexcept override {
    block->clear();
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(block));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<event::Block>> free_;
};

std::size_t resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind("VmRSS:", 0) == 0) return std::stoul(line.substr(6));
  }
  return 0;
}

double microseconds(event::Duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

double quantile(const event::Histogram& histogram, double q) {
  return microseconds(histogram.quantile(q).value_or(event::Duration{0}));
}

struct Cost {
  double handshake_cpu_us = 0;
  double kilobytes = 0;
  client::Summary summary;
};

event::Duration process_cpu() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

Cost cost_of(client::Plan plan) {
  RecyclingSink sink;
  Cost cost;
  const std::size_t before = resident_kilobytes();
  const event::Duration cpu_before = process_cpu();
  auto load = client::Load::start(plan, sink);
  if (!load) throw std::runtime_error(load.error().message);
  // Seldom: reading a snapshot costs this thread some 100 us, and the CPU time told is the whole process's.
  while ((*load)->snapshot().phase == event::Phase::ramp) std::this_thread::sleep_for(20ms);
  cost.handshake_cpu_us = microseconds(process_cpu() - cpu_before) / plan.clients;
  cost.kilobytes = static_cast<double>(resident_kilobytes() - before) / plan.clients;
  cost.summary = (*load)->wait();
  return cost;
}

void print(const std::string& name, const Cost& cost) {
  const client::Snapshot& totals = cost.summary.totals;
  const auto received = static_cast<double>(totals.measured_received);
  const client::ShardUse& use = cost.summary.shards.front();
  fmt::print("{:<24} {:>8.2f} {:>10.0f} {:>6.0f} {:>8.0f} {:>8.0f} {:>8.0f} {:>8.1f} {:>8.0f} {:>6}\n", name,
             microseconds(use.cpu) / received, received / (microseconds(use.wall) / 1e6),
             100.0 * microseconds(use.cpu) / microseconds(use.wall), quantile(totals.lag, 0.99),
             quantile(totals.latency, 0.5), quantile(totals.latency, 0.99), cost.kilobytes,
             cost.handshake_cpu_us, totals.measured_sent - totals.measured_received);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What a load costs its client");
  double seconds = 5;
  std::vector<std::uint32_t> closed{100, 1000};
  std::uint32_t open = 9000;
  app.add_option("--seconds", seconds, "measured, of each load");
  app.add_option("--closed", closed, "clients of the closed loops");
  app.add_option("--open", open, "clients of the open loop, each sending once a second; 0: none");
  CLI11_PARSE(app, argc, argv);

  const int cpus = static_cast<int>(std::thread::hardware_concurrency());
  const auto server = bench::EpollEcho::start(cpus - 1);
  if (!server) {
    fmt::print(stderr, "no echo server: {}\n", std::strerror(server.error()));
    return 3;
  }
  client::Plan plan;
  plan.target = {"127.0.0.1", server->port(), "/"};
  plan.ramp_per_second = 5000;
  plan.warm_up = 1s;
  plan.measuring =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
  plan.cpus = {0};
  fmt::print("{:<24} {:>8} {:>10} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}\n", "load", "us CPU", "echoes/s",
             "CPU %", "lag p99", "lat p50", "lat p99", "KB/conn", "us/hands", "lost");
  try {
    plan.mode = client::Mode::closed;
    for (const std::uint32_t clients : closed) {
      plan.clients = clients;
      print(fmt::format("closed, {}", clients), cost_of(plan));
    }
    plan.mode = client::Mode::open;
    plan.clients = open;
    if (open > 0) print(fmt::format("open, {} x 1/s", open), cost_of(plan));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 3;
  }
  return 0;
}
