#include "orchestrator/suite/measured_load.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/contestants/monitor.hpp"
#include "orchestrator/machine/description.hpp"
#include "orchestrator/suite/machine_sampler.hpp"
#include "store/fold/fold.hpp"

namespace wsbench::suite {

using contestants::InfrastructureError;
using contestants::TurnError;
using results::FailureKind;
using results::RoundResult;

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

constexpr auto kWatchInterval = 100ms;
constexpr auto kSampleInterval = 1s;
/// After the measuring phase a quick contestant's load is over within milliseconds.
constexpr auto kBeforeTheEnd = 30ms;

void take_sample(std::optional<contestants::Monitor>& monitor, event::Phase phase, const LoadWatch& watch) {
  if (!monitor) return;
  const auto sample = monitor->sample(phase);
  if (sample && watch.on_sample) watch.on_sample(*sample);
}

/// Watches a running load; the first error ends it.
class Watcher {
 public:
  Watcher(client::Load& load, const LoadTask& task, const LoadWatch& watch, store::Writer& writer,
          std::optional<contestants::Monitor>& monitor)
      : load_(load),
        task_(task),
        watch_(watch),
        writer_(writer),
        monitor_(monitor),
        machine_(writer, task.plan.round) {}

  void watch_to_the_end() {
    auto next_second = SteadyClock::now() + kSampleInterval;
    // A sample at both ends of the measuring phase: CPU shares are differences between them.
    auto last_sample = SteadyClock::time_point::max();
    while (
        !load_.wait_for(std::min<results::Nanoseconds>(kWatchInterval, last_sample - SteadyClock::now()))) {
      const auto snapshot = load_.snapshot();
      if (snapshot.phase != phase_) {
        phase_ = snapshot.phase;
        sample();
        next_second = SteadyClock::now() + kSampleInterval;
        if (phase_ == event::Phase::measuring) {
          const auto left = snapshot.phase_began + task_.plan.measuring - event::Clock::now();
          last_sample = SteadyClock::now() + left - kBeforeTheEnd;
        }
        if (watch_.on_phase) end_on_error(watch_.on_phase(phase_));
      } else if (SteadyClock::now() >= last_sample) {
        sample();
        last_sample = SteadyClock::time_point::max();
      } else if (SteadyClock::now() >= next_second) {
        next_second += kSampleInterval;
        sample();
        if (watch_.on_second) end_on_error(watch_.on_second());
      }
      if (watch_.on_progress) watch_.on_progress(snapshot);
      if (task_.stop.stop_requested()) end_on_error(tl::unexpected(TurnError(contestants::Cancelled{})));
      if (writer_.failed()) load_.stop();
    }
    check_once_more();
  }

  std::optional<TurnError> ended_by() const { return ended_by_; }
  std::uint64_t lost_samples() const noexcept { return machine_.lost_events(); }

 private:
  void sample() {
    machine_.sample(phase_);
    take_sample(monitor_, phase_, watch_);
  }

  /// A load whose clients are all gone ends by itself: is the contestant there still? Asked twice, for
  /// supervisord finds out about a child's death only after it has answered the request that woke it.
  void check_once_more() {
    if (!watch_.on_second) return;
    end_on_error(watch_.on_second());
    end_on_error(watch_.on_second());
  }

  void end_on_error(const tl::expected<void, TurnError>& outcome) {
    if (outcome || ended_by_) return;
    ended_by_ = outcome.error();
    load_.stop();
  }

  client::Load& load_;
  const LoadTask& task_;
  const LoadWatch& watch_;
  store::Writer& writer_;
  std::optional<contestants::Monitor>& monitor_;
  MachineSampler machine_;
  event::Phase phase_ = event::Phase::ramp;
  std::optional<TurnError> ended_by_;
};

}  // namespace

tl::expected<LoadRun, TurnError> run_load(const LoadTask& task, const LoadWatch& watch) {
  auto writer = store::Writer::start(task.run, task.contestant);
  if (!writer) return tl::unexpected(InfrastructureError(writer.error()));
  std::optional<contestants::Monitor> monitor;
  if (task.monitored != nullptr) monitor.emplace(*task.monitored, task.contestant, task.plan.round, **writer);
  // The server as it is without clients: what they cost it is counted from there.
  take_sample(monitor, event::Phase::ramp, watch);
  auto load = client::Load::start(task.plan, **writer);
  if (!load) return tl::unexpected(InfrastructureError(load.error()));

  LoadRun done;
  const auto cpu_before = machine::cpu_times();
  Watcher watcher(**load, task, watch, **writer, monitor);
  watcher.watch_to_the_end();
  done.ended_by = watcher.ended_by();
  done.lost_samples = watcher.lost_samples() + (monitor ? monitor->lost_events() : 0);
  monitor.reset();
  done.summary = (*load)->wait();
  if (watch.on_progress) watch.on_progress(done.summary.totals);
  const auto cpu_after = machine::cpu_times();
  if (cpu_after.all > cpu_before.all) {
    done.stolen_cpu_share = (cpu_after.stolen - cpu_before.stolen) / (cpu_after.all - cpu_before.all);
  }
  auto written = (*writer)->finish();
  if (!written) return tl::unexpected(InfrastructureError(written.error()));
  done.written = *written;
  return done;
}

tl::expected<void, TurnError> fold_load_into(RoundResult& result, const client::Plan& plan,
                                             const LoadRun& load, const store::Run& run) {
  const auto statistics = store::fold(run, result.contestant, result.round);
  if (!statistics) return tl::unexpected(InfrastructureError(statistics.error()));
  const auto& summary = load.summary;
  const bool measured = summary.measuring_began != event::Time{};
  const auto measuring_ended = measured ? std::min(summary.measuring_ended, summary.ended) : event::Time{};
  set_statistics(result, *statistics, plan.mode);
  result.backlog_at_start = summary.backlog_at_start;
  result.lost_events = summary.lost_events + load.lost_samples;
  result.event_bytes = load.written.bytes;
  result.stolen_cpu_share = load.stolen_cpu_share;
  result.transport = client::transport::name(summary.transport);
  result.load = (measured ? measuring_ended : summary.ended) - summary.began;
  for (const auto& shard : summary.shards) {
    if (shard.wall.count() == 0) continue;
    const auto share = [&](results::Nanoseconds time) {
      return static_cast<double>(time.count()) / static_cast<double>(shard.wall.count());
    };
    result.client_cpu_share = std::max(result.client_cpu_share, share(shard.cpu));
    if (shard.run_queue_wait) {
      result.client_run_queue_share =
          std::max(result.client_run_queue_share.value_or(0), share(*shard.run_queue_wait));
    }
  }
  return {};
}

namespace {

/// "97 normal, 3 reset", the most frequent first, of the endings that were not ours.
std::string endings_text(const RoundResult& result) {
  std::vector<std::pair<std::uint64_t, event::Reason>> endings;
  for (std::size_t i = 1; i < result.ended.size(); ++i) {
    const auto reason = static_cast<event::Reason>(i);
    if (result.ended[i] > 0 && reason != event::Reason::completed)
      endings.emplace_back(result.ended[i], reason);
  }
  std::sort(endings.rbegin(), endings.rend());
  std::vector<std::string> parts;
  for (const auto& [count, reason] : endings)
    parts.push_back(fmt::format("{} {}", count, event::name(reason)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::optional<results::Failure> failure_under_load(const RoundResult& r) {
  const auto failure = [](FailureKind kind, std::string message) {
    return results::Failure{kind, std::move(message), {}, {}};
  };
  const auto exhausted = r.ended_by(event::Reason::out_of_files) + r.ended_by(event::Reason::out_of_ports);
  if (exhausted > 0) {
    return failure(FailureKind::client_exhausted,
                   fmt::format("the load machine ran out of files or ports ({}); raise `ulimit -n` or "
                               "net.ipv4.ip_local_port_range, or give more source_addresses",
                               endings_text(r)));
  }
  if (r.established == 0) {
    return failure(FailureKind::no_connections,
                   fmt::format("none of {} clients could connect: {}", r.requested, endings_text(r)));
  }
  const auto left = r.established - std::min(r.stayed(), r.established);
  if (2 * left > r.established) {
    const auto kind = 2 * r.ended_by(event::Reason::protocol_error) > left ? FailureKind::protocol_error
                                                                           : FailureKind::connections_closed;
    return failure(
        kind, fmt::format("{} of {} connections ended under load: {}", left, r.established, endings_text(r)));
  }
  if (r.sent > 0 && r.received == 0 && r.altered + r.foreign > 0) {
    return failure(
        FailureKind::echo_mismatch,
        fmt::format("it gave none of {} messages back as it was sent: {} came altered, and {} that "
                    "were no echo",
                    r.sent, r.altered, r.foreign));
  }
  if (r.sent > 0 && r.received == 0) {
    return failure(FailureKind::no_answer, fmt::format("it answered none of {} messages", r.sent));
  }
  return std::nullopt;
}

}  // namespace wsbench::suite
