#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "client/transport/kind.hpp"
#include "tests/bench/client_task.hpp"
#include "tests/bench/epoll_echo.hpp"
#include "tests/bench/measuring.hpp"

// What a load costs its client, beside clients that do nothing but the load. Each runs in a process of its
// own, on the machine's first CPU, against one echo server on the last; all of them in turn, over several
// rounds; what is told are the medians, and their ratios to the bare epoll client.

namespace {

using namespace wsbench;
using bench::Cost;
using bench::median;
using bench::Task;

struct Subject {
  std::string name;
  std::function<Cost(const Task&)> run;
  bool closed_only = false;
};

struct Scenario {
  std::string name;
  Task task;
};

void run_on(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

/// None when it failed, or took far too long.
std::optional<Cost> measure(const Subject& subject, const Task& task, int attempts) {
  const std::chrono::milliseconds limit{static_cast<int>(1000 * (60 + 2 * task.seconds))};
  return bench::undisturbed<Cost>(attempts, [&] {
    return bench::in_child<Cost>(subject.name, limit, [&] {
      run_on(0);
      return subject.run(task);
    });
  });
}

using Results = std::map<std::string, std::vector<Cost>>;

void print(const Scenario& scenario, const std::vector<Subject>& subjects, const Results& results) {
  fmt::print("\n{}\n{:<20} {:>7} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9}\n",
             scenario.name, "client", "us CPU", "ratio", "kernel %", "store us", "KB/conn", "us/hands",
             "lag p50", "lag p99", "lat p50", "lat p99", "echoes/s");
  const auto reference = results.find(subjects.front().name);
  for (const Subject& subject : subjects) {
    const auto found = results.find(subject.name);
    if (found == results.end()) continue;
    const auto& costs = found->second;
    const double ratio = reference == results.end() ? std::nan("")
                                                    : median(costs, &Cost::round_trip_us) /
                                                          median(reference->second, &Cost::round_trip_us);
    fmt::print(
        "{:<20} {:>7.2f} {:>6.2f} {:>8.0f} {:>8.2f} {:>8.1f} {:>8.0f} {:>8.0f} {:>8.0f} {:>8.0f} {:>8.0f} "
        "{:>9.0f}\n",
        subject.name, median(costs, &Cost::round_trip_us), ratio, 100 * median(costs, &Cost::kernel_share),
        median(costs, &Cost::store_us), median(costs, &Cost::kilobytes), median(costs, &Cost::handshake_us),
        median(costs, &Cost::lag_p50_us), median(costs, &Cost::lag_p99_us),
        median(costs, &Cost::latency_p50_us), median(costs, &Cost::latency_p99_us),
        median(costs, &Cost::echoes_per_second));
  }
  std::fflush(stdout);
}

/// wsbench on a transport, for each of the ways to sample its reads.
void add_wsbench(std::vector<Subject>& subjects, const std::string& transport,
                 const std::vector<std::uint32_t>& samplings) {
  for (const std::uint32_t one_in : samplings) {
    std::string name = "wsbench " + transport;
    if (samplings.size() > 1) name += one_in == 0 ? " none" : fmt::format(" 1/{}", one_in);
    subjects.push_back({std::move(name), [transport, one_in](Task task) {
                          task.sampled_one_in = one_in;
                          return bench::run_wsbench(task, transport);
                        }});
  }
}

std::vector<Subject> all_subjects(const std::vector<std::uint32_t>& samplings) {
  using client::transport::Kind;
  std::vector<Subject> subjects{{"bare epoll", bench::run_bare_epoll}};
  const bool has_io_uring = !client::transport::why_not(Kind::io_uring);
  if (has_io_uring) subjects.push_back({"bare io_uring", bench::run_bare_uring});
  subjects.push_back({"plain websocketpp", bench::run_plain_websocketpp, true});
  for (const Kind kind : {Kind::io_uring, Kind::epoll, Kind::asio}) {
    if (kind == Kind::io_uring && !has_io_uring) continue;
    add_wsbench(subjects, std::string(client::transport::name(kind)), samplings);
  }
  return subjects;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What a load costs its client, beside clients that do nothing but the load");
  double seconds = 5;
  int rounds = 5;
  bool quick = false;
  std::vector<std::string> only;
  std::vector<std::uint32_t> closed{100, 1000, 10000};
  std::uint32_t open = 10000;
  double per_second = 1;
  std::uint32_t shards = 1;
  std::vector<std::uint32_t> samplings{Task().sampled_one_in};
  int attempts = 4;
  app.add_option("--seconds", seconds, "measured, of each load");
  app.add_option("--rounds", rounds, "of which the medians are told");
  app.add_flag("--quick", quick, "one round of two seconds each, up to 1,000 connections");
  app.add_option("--only", only, "clients or loads whose names contain one of these (\"epoll\", \"open\")");
  app.add_option("--closed", closed, "connections of the closed loops")->delimiter(',');
  app.add_option("--open", open, "connections of the open loop; 0: none");
  app.add_option("--per-second", per_second, "messages that each of them sends a second")
      ->check(CLI::PositiveNumber);
  app.add_option("--shards", shards, "of wsbench");
  app.add_option(
         "--sampled-one-in", samplings,
         "of so many messages wsbench samples one for how late its echo was read, 0: none; several: a "
         "client for each")
      ->delimiter(',');
  app.add_option("--attempts", attempts, "to measure what the machine's host disturbs")
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  if (quick) {
    seconds = 2;
    rounds = 1;
    closed = {100, 1000};
    open = std::min(open, 1000U);
  }
  const auto subjects = all_subjects(samplings);
  const int cpus = static_cast<int>(std::thread::hardware_concurrency());
  auto server = bench::EpollEcho::start(cpus - 1);
  if (!server) {
    fmt::print(stderr, "no echo server: {}\n", std::strerror(server.error()));
    return 3;
  }

  std::vector<Scenario> scenarios;
  Task task;
  task.port = server->port();
  task.seconds = seconds;
  task.shards = shards;
  task.cpu = 0;
  for (const std::uint32_t clients : closed) {
    task.clients = clients;
    scenarios.push_back({fmt::format("closed loop, {} connections", clients), task});
  }
  task.loop = bench::Loop::open;
  task.clients = open;
  task.interval = std::chrono::duration_cast<event::Duration>(std::chrono::duration<double>(1 / per_second));
  if (open > 0)
    scenarios.push_back({fmt::format("open loop, {} connections x {}/s", open, per_second), task});

  const auto wanted = [&](const std::string& name, bool is_of_its_kind) {
    return !is_of_its_kind || std::any_of(only.begin(), only.end(), [&](const std::string& part) {
      return name.find(part) != std::string::npos;
    });
  };
  const auto names_any = [&](const auto& all) {
    return std::any_of(all.begin(), all.end(), [&](const auto& one) { return wanted(one.name, true); });
  };
  const bool chooses_subjects = names_any(subjects);
  const bool chooses_scenarios = names_any(scenarios);
  bool all_ran = true;
  for (const Scenario& scenario : scenarios) {
    if (!wanted(scenario.name, chooses_scenarios)) continue;
    Results results;
    for (int round = 0; round < rounds; ++round) {
      for (const Subject& subject : subjects) {
        if (!wanted(subject.name, chooses_subjects)) continue;
        if (subject.closed_only && scenario.task.loop != bench::Loop::closed) continue;
        if (const auto cost = measure(subject, scenario.task, attempts)) {
          results[subject.name].push_back(*cost);
        } else {
          all_ran = false;
        }
      }
    }
    print(scenario, subjects, results);
  }
  bench::tell_disturbed();
  return all_ran ? 0 : 1;
}
