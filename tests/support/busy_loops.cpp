// busy_loops N [--cpus 1,2] [--seconds S]: trouble for whatever runs beside it. N threads at normal priority
// want all of the CPU, on these CPUs or anywhere. Prints "busy" once they run, and ends after the seconds or
// by a signal.

#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <latch>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

namespace {

bool stay_on(const std::vector<int>& cpus) {
  if (cpus.empty()) return true;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<unsigned>(cpu), &set);
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  int count = 1;
  std::vector<int> cpus;
  double seconds = 0;
  CLI::App app("Keeps CPUs busy");
  app.add_option("N", count, "busy threads")->required()->check(CLI::Range(0, 1000));
  app.add_option("--cpus", cpus, "where they run: 0,1; anywhere unless given")
      ->delimiter(',')
      ->check(CLI::Range(0, CPU_SETSIZE - 1));
  app.add_option("--seconds", seconds, "for how long; until a signal unless given")
      ->check(CLI::NonNegativeNumber);
  CLI11_PARSE(app, argc, argv);
  if (!stay_on(cpus)) {
    std::perror("busy_loops: sched_setaffinity");
    return 1;
  }
  std::latch running(count + 1);
  std::atomic<bool> stop{false};
  std::vector<std::jthread> loops;
  for (int i = 0; i < count; ++i) {
    loops.emplace_back([&] {
      running.count_down();
      while (!stop.load(std::memory_order_relaxed)) continue;
    });
  }
  running.arrive_and_wait();
  std::puts("busy");
  std::fflush(stdout);
  if (seconds > 0) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  } else {
    ::pause();
  }
  stop = true;
  return 0;
}
