#include "client/shard.hpp"

#include <time.h>

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
constexpr std::size_t kClosesPerPoll = 64;   // 64,000 closing handshakes a second: quick, but no burst.
constexpr int kSendsPerTurn = 128;           // Then the loop reads what has come in the meantime.
constexpr Duration kLastLinger = milliseconds{100};
constexpr std::size_t kSmallestMessageLimit = 64U << 10U;

Duration thread_cpu_time() noexcept {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

/// The next multiple of `step`: what falls due before it goes out there together.
Time rounded_up(Time time, Duration step) noexcept {
  if (step <= Duration::zero()) return time;
  const auto past = time.time_since_epoch() % step;
  return past == Duration::zero() ? time : time + (step - past);
}

}  // namespace

Shard::Shard(const ShardContext& context, std::size_t number)
    : context_(context),
      number_(number),
      loop_(transport::make_asio_loop()),
      recorder_(context.sink, context.plan.round, static_cast<std::uint16_t>(number)),
      dialer_(*loop_, context.plan.target, context.route.peer, Random::mixed(context.plan.seed + number),
              std::max<std::size_t>(context.plan.payload_bytes, kSmallestMessageLimit)),
      clients_context_{context.plan,
                       context.payloads,
                       context.route.sources,
                       dialer_,
                       recorder_,
                       figures_,
                       {},
                       {},
                       {},
                       0,
                       0,
                       {},
                       {},
                       {},
                       {}},
      schedule_(context.plan) {
  clients_context_.scratch.resize(context.plan.payload_bytes);
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

void Shard::enter(Time now) {
  stage_began_ = next_stage_at_;
  stage_finished_ = false;
  slot_ = 0;
  switch (stage_) {
    case Stage::ramp:
      result_.began = clients_.empty() ? Time{} : now;
      break;
    case Stage::warm_up:
      begin_load(Phase::warm_up, context_.plan.warm_up);
      break;
    case Stage::measuring:
      result_.backlog_at_start = figures_.counts.outstanding;
      clients_context_.measuring_began = stage_began_;
      clients_context_.measuring_ended = stage_began_ + context_.plan.measuring;
      cpu_at_start_ = thread_cpu_time();
      begin_load(Phase::measuring, context_.plan.measuring);
      break;
    case Stage::closing:
      begin_closing();
      break;
    case Stage::done:
      break;
  }
}

Time Shard::attempt_due(std::size_t slot) const noexcept {
  const std::uint64_t id = clients_[slot].id();
  return stage_began_ + Duration(std::chrono::seconds{1}) * id / context_.plan.ramp_per_second;
}

void Shard::ramp(Time now) {
  for (int turn = 0; turn < kSendsPerTurn && slot_ < clients_.size() && attempt_due(slot_) <= now; ++turn) {
    clients_[slot_++].connect();
  }
  if (slot_ == clients_.size() && clients_context_.connecting == 0) finish_stage();
}

void Shard::begin_load(Phase phase, Duration length) {
  recorder_.enter(phase);
  schedule_.clear();
  for (std::size_t slot = 0; slot < clients_.size(); ++slot) {
    if (!clients_[slot].open()) continue;
    schedule_.add(static_cast<std::uint32_t>(slot), clients_[slot].id(), stage_began_, phase);
  }
  sends_end_ = stage_began_ + length;
  sending_ = true;
  if (context_.plan.mode == Mode::closed) clients_context_.echo_until = sends_end_;
}

void Shard::load(Time now) {
  if (sending_ && send_due(now) && (now >= sends_end_ || nobody_left())) end_sending(now);
  if (sending_) return;
  const Time limit = sends_end_ + context_.plan.drain_limit;
  if (figures_.counts.outstanding == 0 || now >= limit) finish_stage();
}

/// False when more is due than one turn sends.
bool Shard::send_due(Time now) {
  for (int turn = 0; turn < kSendsPerTurn; ++turn) {
    if (schedule_.empty()) return true;
    const Schedule::Entry entry = schedule_.next();
    if (entry.due >= sends_end_) {
      schedule_.drop();
    } else if (entry.due > now) {
      return true;
    } else if (!clients_[entry.slot].open()) {
      schedule_.drop();
    } else {
      clients_[entry.slot].send(entry.due);
      schedule_.advance(sends_end_);
    }
  }
  return false;
}

void Shard::end_sending(Time now) {
  sending_ = false;
  clients_context_.echo_until = Time{};
  schedule_.clear();
  if (stage_ != Stage::measuring) return;
  end_measuring(now);
  recorder_.enter(Phase::drain);
}

void Shard::end_measuring(Time now) {
  result_.use = {thread_cpu_time() - cpu_at_start_, now - clients_context_.measuring_began};
}

void Shard::begin_closing() {
  clients_context_.echo_until = Time{};
  schedule_.clear();
  const bool measuring_cut_short = sending_ && clients_context_.measuring_began != Time{};
  if (measuring_cut_short) end_measuring(stage_began_);
  sending_ = false;
  recorder_.enter(Phase::closing);
  for (Client& client : clients_) {
    if (client.connecting()) client.end({Reason::stopped, 0});
  }
  last_close_ = stage_began_;
}

void Shard::closing(Time now) {
  for (std::size_t closes = 0; closes < kClosesPerPoll && slot_ < clients_.size(); ++slot_) {
    if (!clients_[slot_].open()) continue;
    clients_[slot_].close();
    last_close_ = now;
    ++closes;
  }
  if (slot_ < clients_.size()) return;
  if (now >= last_close_ + context_.plan.close_limit) {
    for (Client& client : clients_) {
      if (client.closing()) client.end({Reason::close_timeout, 0});
    }
  }
  if (figures_.counts.open > 0) {
    last_answer_ = now;
    return;
  }
  free_sockets(now);
  const bool all_gone = std::none_of(clients_.begin(), clients_.end(),
                                     [](const Client& client) { return client.has_socket(); });
  if (all_gone || now >= last_answer_ + kLastLinger) finish_load();
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
  recorder_.flush_old(now);
  if (now >= next_publishing_ && published_.try_publish(figures_)) next_publishing_ = now + kHousekeeping;
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
      return std::min(wake, slot_ < clients_.size() ? attempt_due(slot_) : now + kPoll);
    case Stage::warm_up:
    case Stage::measuring:
      if (!sending_) return stage_finished_ ? wake : now + kPoll;
      wake = std::min(wake, sends_end_);
      if (!schedule_.empty()) wake = std::min(wake, rounded_up(schedule_.next().due, context_.plan.tick));
      return wake;
    default:
      return now + kPoll;
  }
}

}  // namespace wsbench::client
