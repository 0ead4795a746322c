#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <numeric>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

// How the benchmarks measure: each figure in a process of its own, and medians of several rounds.

namespace wsbench::bench {

/// What `work` gives in a process of its own. None when it threw, which is told on stderr, or took longer
/// than `limit`. `Cost` goes through a pipe as plain bytes.
template <typename Cost, typename Work>
std::optional<Cost> in_child(const std::string& name, std::chrono::milliseconds limit, const Work& work) {
  static_assert(std::is_trivially_copyable_v<Cost>);
  int ends[2];
  if (::pipe(ends) != 0) return std::nullopt;
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
      const Cost cost = work();
      ::_exit(::write(ends[1], &cost, sizeof cost) == sizeof cost ? 0 : 1);
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}: {}\n", name, error.what());
      ::_exit(1);
    }
  }
  ::close(ends[1]);
  pollfd answer{ends[0], POLLIN, 0};
  Cost cost;
  const bool whole = child > 0 && ::poll(&answer, 1, static_cast<int>(limit.count())) == 1 &&
                     ::read(ends[0], &cost, sizeof cost) == static_cast<ssize_t>(sizeof cost);
  ::close(ends[0]);
  if (child > 0) {
    if (!whole) ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  return whole ? std::optional(cost) : std::nullopt;
}

/// How much of all CPUs' time the machine's host gave to others since this was made.
class StolenTime {
 public:
  double share() const {
    const auto [all, stolen] = read();
    return all > all_ ? (stolen - stolen_) / (all - all_) : 0;
  }

 private:
  /// In ticks since the machine booted: the first line of proc(5)'s /proc/stat.
  static std::pair<double, double> read() {
    std::ifstream file("/proc/stat");
    std::string cpu;
    std::array<double, 8> times{};  // user to steal; guests' times, behind them, are in user's
    file >> cpu;
    for (double& time : times) file >> time;
    return {std::accumulate(times.begin(), times.end(), 0.0), times.back()};
  }

  const double all_ = read().first, stolen_ = read().second;
};

constexpr double kMostStolen = 0.01;
inline int measurements = 0, disturbed = 0;

inline void tell_disturbed() {
  if (disturbed > 0)
    fmt::print("\n{} of {} measurements were made while the host took more than {:.0f} % of the machine.\n",
               disturbed, measurements, 100 * kMostStolen);
}

/// What `measure` gives. While the host takes more than kMostStolen of the machine, it is measured again, and
/// of `attempts` the one counts that lost least. None when one of them fails.
template <typename Cost, typename Work>
std::optional<Cost> undisturbed(int attempts, const Work& measure) {
  std::optional<Cost> best;
  double least = 2;
  for (; attempts > 0 && least > kMostStolen; --attempts) {
    const StolenTime stolen;
    const auto cost = measure();
    if (!cost) return std::nullopt;
    const double share = stolen.share();
    if (share >= least) continue;
    least = share;
    best = cost;
  }
  ++measurements;
  if (least > kMostStolen) ++disturbed;
  return best;
}

/// Precondition: there are some.
template <typename Cost>
double median(const std::vector<Cost>& costs, double Cost::*figure) {
  std::vector<double> values;
  for (const Cost& cost : costs) values.push_back(cost.*figure);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace wsbench::bench
