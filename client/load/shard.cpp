#include "client/load/shard.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace wsbench::client {

using event::Duration;
using event::Phase;
using event::Reason;
using event::Time;
using std::chrono::milliseconds;

namespace {

constexpr Duration kHousekeeping = milliseconds{100};
constexpr Duration kPoll = milliseconds{1};  // While something is waited for that no timer tells.
/// Attempts to connect that fall due within one begin together: in a fast ramp, a wake-up for each would cost
/// as much as the attempt.
constexpr Duration kRampTick = std::chrono::microseconds{250};
constexpr int kGatheringShare = 1000;
constexpr Duration kMostGathering = std::chrono::microseconds{250};
constexpr Duration kLeastGathering = std::chrono::microseconds{5};  // Less is not worth a timer.
constexpr std::size_t kSmallestMessageLimit = 64U << 10U;

/// The next multiple of `step`.
Time rounded_up(Time time, Duration step) noexcept {
  const auto past = time.time_since_epoch() % step;
  return past == Duration::zero() ? time : time + (step - past);
}

}  // namespace

Shard::Shard(const ShardContext& context, std::size_t number)
    : context_(context),
      loop_(transport::make_loop(context.plan.transport)),
      recorder_(context.sink, context.plan.round, static_cast<std::uint16_t>(number)),
      self_(recorder_, static_cast<std::uint16_t>(number)),
      dialer_(*loop_, context.plan.target, context.peer, Random::mixed(context.plan.seed + number),
              std::max<std::size_t>(context.plan.payload_bytes, kSmallestMessageLimit)),
      clients_context_{context.plan, context.payloads, context.sources, dialer_, recorder_, figures_},
      schedule_(context.plan) {
  clients_context_.scratch.resize(context.plan.payload_bytes);
  loop_->tell_reads(clients_context_.sampling.reads());
  const auto threads = static_cast<std::uint32_t>(context.plan.threads);
  for (auto id = static_cast<std::uint32_t>(number); id < context.plan.clients; id += threads) {
    clients_.emplace_back(clients_context_, id);
  }
  recorder_.enter(Phase::ramp);
}

void Shard::run() {
  loop_->run([this] { on_wake(); });
}

void Shard::announce(Stage stage, Time at) {
  loop_->post([this, stage, at] {
    stage_ = stage;
    stage_began_ = Time::max();
    next_stage_at_ = at;
    loop_->wake_at(at);
  });
}

void Shard::cancel() {
  loop_->post([this] { loop_->stop(); });
}

void Shard::on_wake() {
  const Time now = event::Clock::now();
  if (stage_began_ == Time::max() && now >= next_stage_at_) enter(now);
  expire_connects(now);
  if (stage_began_ != Time::max()) {
    switch (stage_) {
      case Stage::ramp:
        ramp(now);
        break;
      case Stage::warm_up:
      case Stage::measuring:
        load(now);
        break;
      case Stage::closing:
        closing(now);
        break;
      case Stage::done:
        return;
    }
  }
  free_sockets(now);
  keep_house(now);
  if (stage_ != Stage::done) loop_->wake_at(next_wake(now));
}

Time Shard::attempt_due(std::size_t slot) const noexcept {
  const std::uint64_t id = clients_[slot].id();
  return stage_began_ + Duration(std::chrono::seconds{1}) * id / context_.plan.ramp_per_second;
}

void Shard::free_sockets(Time now) {
  auto& lingering = clients_context_.linger_deadlines;
  while (!lingering.empty() && lingering.front().time <= now) {
    lingering.front().client->free_socket();
    lingering.pop_front();
  }
  for (Client* client : clients_context_.gone) client->free_socket();
  clients_context_.gone.clear();
}

void Shard::expire_connects(Time now) {
  auto& deadlines = clients_context_.connect_deadlines;
  while (!deadlines.empty() && (deadlines.front().time <= now || !deadlines.front().client->connecting())) {
    Client* client = deadlines.front().client;
    deadlines.pop_front();
    if (client->connecting()) client->end({Reason::connection_timeout, 0});
  }
}

void Shard::keep_house(Time now) {
  self_.sample_each_second(now);
  recorder_.flush_old(now);
  if (now >= next_publishing_ && published_.try_publish(figures_)) next_publishing_ = now + kHousekeeping;
  if (now >= gathering_adapted_ + kHousekeeping) adapt_gathering(now);
}

/// In a closed loop of many clients, echoes wait in queues for far longer than it takes to gather a few: that
/// spares system calls, and delays them by a thousandth of their latency at most. In an open loop there is
/// no gathering, as latency is what it is to tell.
void Shard::adapt_gathering(Time now) {
  const Counts& counts = figures_.counts;
  const std::uint64_t received = counts.received - std::exchange(received_then_, counts.received);
  const Duration passed = now - std::exchange(gathering_adapted_, now);
  Duration gathering{0};
  if (clients_context_.echo_until > now && received > 0) {
    // Little's law: the messages under way are the latency times their rate.
    const Duration latency = passed * (counts.outstanding - counts.overtaken) / received;
    gathering = std::min(latency / kGatheringShare, kMostGathering);
  }
  loop_->gather(gathering >= kLeastGathering ? gathering : Duration::zero());
}

void Shard::finish_stage() {
  if (std::exchange(stage_finished_, true)) return;
  published_.publish(figures_);
  context_.coordinator.finished(stage_, figures_.counts.open);
}

void Shard::finish_load() {
  for (Client& client : clients_) client.free_socket();
  recorder_.submit();
  result_.lost_events = recorder_.lost();
  finish_stage();
  stage_ = Stage::done;
  loop_->stop();
}

Time Shard::next_wake(Time now) const {
  Time wake = now + kHousekeeping;
  if (stage_began_ == Time::max()) return std::min(wake, next_stage_at_);
  const auto& deadlines = clients_context_.connect_deadlines;
  if (!deadlines.empty()) wake = std::min(wake, deadlines.front().time);
  switch (stage_) {
    case Stage::ramp:
      return std::min(wake,
                      slot_ < clients_.size() ? rounded_up(attempt_due(slot_), kRampTick) : now + kPoll);
    case Stage::warm_up:
    case Stage::measuring:
      if (!sending_) return stage_finished_ ? wake : now + kPoll;
      wake = std::min(wake, sends_end_);
      if (!schedule_.empty()) wake = std::min(wake, schedule_.next().due);
      return wake;
    default:
      return now + kPoll;
  }
}

}  // namespace wsbench::client
