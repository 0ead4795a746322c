#include "client/load/load.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cassert>
#include <exception>
#include <optional>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include "client/load/coordinator.hpp"
#include "client/load/payload.hpp"
#include "client/load/shard.hpp"
#include "client/transport/address.hpp"
#include "client/transport/source.hpp"
#include "client/transport/stamps.hpp"

namespace wsbench::client {

using event::Phase;
using event::Time;

namespace {

/// 0, or the errno for which the thread cannot run on the CPU.
int pin(std::thread& thread, int cpu) noexcept {
  if (cpu < 0 || cpu >= CPU_SETSIZE) return EINVAL;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  return pthread_setaffinity_np(thread.native_handle(), sizeof set, &set);
}

std::pair<Phase, Time> phase_at(const Coordinator::Times& times, Time now) noexcept {
  constexpr std::pair<Stage, Phase> kPhases[] = {{Stage::closing, Phase::closing},
                                                 {Stage::measuring, Phase::measuring},
                                                 {Stage::warm_up, Phase::warm_up}};
  for (const auto& [stage, phase] : kPhases) {
    const Time began = times.began[static_cast<std::size_t>(stage)];
    if (began == Time{} || began > now) continue;
    if (phase == Phase::measuring && now >= times.measuring_ends) return {Phase::drain, times.measuring_ends};
    return {phase, began};
  }
  return {Phase::ramp, times.began[static_cast<std::size_t>(Stage::ramp)]};
}

}  // namespace

class Load::Impl {
 public:
  Impl(const Plan& plan, const transport::Route& route, event::Sink& sink)
      : plan_(plan),
        peer_(route.peer),
        sources_(transport::sources_for(route, plan.clients, transport::local_ports())),
        payloads_(plan.payload_bytes, plan.seed),
        coordinator_(plan_, plan.threads, [this](Stage stage, Time at) {
          for (const auto& shard : shards_) shard->announce(stage, at);
        }) {
    // The first message comes after the ramp and a stage's notice: by then the kernel has begun to stamp.
    if (plan_.sampled_one_in > 0) stamping_.emplace();
    const ShardContext context{plan_, payloads_, peer_, sources_, coordinator_, sink};
    for (std::size_t i = 0; i < plan_.threads; ++i) shards_.push_back(std::make_unique<Shard>(context, i));
  }

  ~Impl() {
    if (threads_.size() == shards_.size()) {
      coordinator_.stop();
    } else {
      for (std::size_t i = 0; i < threads_.size(); ++i) shards_[i]->cancel();
    }
    for (std::thread& thread : threads_) thread.join();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Empty, or why the threads cannot be had.
  std::string start_threads() {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      threads_.emplace_back([shard = shards_[i].get()] { shard->run(); });
      if (plan_.cpus.empty()) continue;
      const int cpu = plan_.cpus[i % plan_.cpus.size()];
      if (const int error = pin(threads_.back(), cpu); error != 0) {
        return "cannot run on CPU " + std::to_string(cpu) + ": " + std::system_category().message(error);
      }
    }
    coordinator_.begin();
    return {};
  }

  Snapshot snapshot() const {
    Snapshot snapshot;
    std::tie(snapshot.phase, snapshot.phase_began) = phase_at(coordinator_.times(), event::Clock::now());
    for (const auto& shard : shards_) shard->published().add_to(snapshot);
    return snapshot;
  }

  Summary summary() const {
    Summary summary;
    summary.totals = snapshot();
    const Coordinator::Times times = coordinator_.times();
    summary.measuring_began = times.began[static_cast<std::size_t>(Stage::measuring)];
    summary.measuring_ended = times.measuring_ends;
    summary.ended = times.began[static_cast<std::size_t>(Stage::done)];
    summary.transport = transport::resolved(plan_.transport);
    summary.stopped_early = coordinator_.stopped_early();
    for (const auto& shard : shards_) {
      const Shard::Result& result = shard->result();
      if (result.began != Time{} && (summary.began == Time{} || result.began < summary.began)) {
        summary.began = result.began;
      }
      summary.backlog_at_start += result.backlog_at_start;
      summary.lost_events += result.lost_events;
      summary.shards.push_back(result.use);
    }
    return summary;
  }

  Coordinator& coordinator() noexcept { return coordinator_; }
  const Coordinator& coordinator() const noexcept { return coordinator_; }

 private:
  const Plan plan_;
  std::optional<transport::Stamping> stamping_;
  const transport::Address peer_;
  std::deque<transport::Source> sources_;
  const PayloadSource payloads_;
  Coordinator coordinator_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::thread> threads_;
};

tl::expected<std::unique_ptr<Load>, Error> Load::start(const Plan& plan, event::Sink& sink) {
  assert(plan.clients > 0 && plan.threads > 0 && plan.ramp_per_second > 0);
  assert(plan.mode == Mode::closed || plan.interval > plan.interval.zero());
  assert(plan.payload_bytes >= PayloadSource::kHead);
  auto route = transport::find_route(plan.target.host, plan.target.port, plan.source_addresses);
  if (!route) return tl::unexpected(Error{std::move(route.error())});
  if (auto reason = transport::why_not(plan.transport)) return tl::unexpected(Error{std::move(*reason)});
  try {
    auto impl = std::make_unique<Impl>(plan, *route, sink);
    std::string why_not = impl->start_threads();
    if (!why_not.empty()) return tl::unexpected(Error{std::move(why_not)});
    return std::unique_ptr<Load>(new Load(std::move(impl)));
  } catch (const std::exception& error) {  // No threads or no descriptors to be had.
    return tl::unexpected(Error{std::string("cannot start the load: ") + error.what()});
  }
}

Load::Load(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Load::~Load() = default;

Snapshot Load::snapshot() const {
  return impl_->snapshot();
}
void Load::stop() noexcept {
  impl_->coordinator().stop();
}
bool Load::finished() const noexcept {
  return impl_->coordinator().done();
}
bool Load::wait_for(std::chrono::nanoseconds limit) {
  return impl_->coordinator().wait_for(limit);
}

Summary Load::wait() {
  impl_->coordinator().wait();
  return impl_->summary();
}

}  // namespace wsbench::client
