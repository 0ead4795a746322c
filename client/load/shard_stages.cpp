#include <time.h>

#include <algorithm>
#include <chrono>

#include "client/load/shard.hpp"

// What a shard does on a wake-up in each stage: the ramp, the load (warm-up or measuring), closing.

namespace wsbench::client {

using event::Duration;
using event::Phase;
using event::Reason;
using event::Time;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kClosesPerPoll = 64;  // 64,000 closing handshakes a second: quick, but no burst.
constexpr int kMostPerTurn = 128;           // Then the loop reads what has come in the meantime.
constexpr Duration kLastLinger = milliseconds{100};

Duration thread_cpu_time() noexcept {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

}  // namespace

void Shard::enter(Time now) {
  stage_began_ = next_stage_at_;
  stage_finished_ = false;
  slot_ = 0;
  switch (stage_) {
    case Stage::ramp:
      result_.began = clients_.empty() ? Time{} : now;
      self_.begin();
      break;
    case Stage::warm_up:
      begin_load(Phase::warm_up, context_.plan.warm_up);
      break;
    case Stage::measuring:
      result_.backlog_at_start = figures_.counts.outstanding;
      clients_context_.measuring_began = stage_began_;
      clients_context_.measuring_ended = stage_began_ + context_.plan.measuring;
      loop_->tell_reads(
          clients_context_.sampling.reads_measured(figures_.counts.received * context_.plan.threads));
      cpu_at_start_ = thread_cpu_time();
      begin_load(Phase::measuring, context_.plan.measuring);
      waited_at_start_ = self_.run_queue_wait();
      break;
    case Stage::closing:
      begin_closing();
      break;
    case Stage::done:
      break;
  }
}

void Shard::ramp(Time now) {
  for (int turn = 0; turn < kMostPerTurn && slot_ < clients_.size() && attempt_due(slot_) <= now; ++turn) {
    clients_[slot_++].connect();
  }
  if (slot_ == clients_.size() && clients_context_.connecting == 0) finish_stage();
}

/// Samples on both sides, so that each phase tells what it cost.
void Shard::enter_phase(Phase phase) {
  self_.sample();
  recorder_.enter(phase);
  self_.sample();
}

void Shard::begin_load(Phase phase, Duration length) {
  enter_phase(phase);
  record_began(stage_began_);
  std::vector<Schedule::Sender> senders, absent;
  senders.reserve(clients_.size());
  for (std::size_t slot = 0; slot < clients_.size(); ++slot) {
    (clients_[slot].open() ? senders : absent)
        .push_back({static_cast<std::uint32_t>(slot), clients_[slot].id()});
  }
  schedule_.start(senders, absent, stage_began_, phase);
  sends_end_ = stage_began_ + length;
  sending_ = true;
  if (context_.plan.mode == Mode::closed) {
    clients_context_.loop_began = stage_began_;
    clients_context_.echo_until = sends_end_;
  }
}

void Shard::load(Time now) {
  if (sending_ && send_due(now) && (now >= sends_end_ || nobody_left())) end_sending(now);
  if (sending_) return;
  const Time limit = sends_end_ + context_.plan.drain_limit;
  if (figures_.counts.outstanding == 0 || now >= limit) finish_stage();
}

/// False when more is due than one turn sends.
bool Shard::send_due(Time now) {
  for (int turn = 0; turn < kMostPerTurn; ++turn) {
    if (schedule_.empty()) return true;
    const Schedule::Entry entry = schedule_.next();
    if (entry.due >= sends_end_) {
      schedule_.drop();
    } else if (entry.due > now) {
      return true;
    } else if (!clients_[entry.sender.slot].open()) {
      schedule_.drop();
    } else {
      clients_[entry.sender.slot].send(entry.due);
      schedule_.advance(sends_end_);
      prefetch_senders();
    }
  }
  return false;
}

/// Of thousands of clients, the next ones are not in the cache. What a client refers to is found in the
/// client, which the turn before has had fetched.
void Shard::prefetch_senders() const noexcept {
  if (const auto* entry = schedule_.upcoming(1)) clients_[entry->sender.slot].prefetch();
  if (const auto* entry = schedule_.upcoming(0)) clients_[entry->sender.slot].prefetch_socket();
}

void Shard::end_sending(Time now) {
  sending_ = false;
  clients_context_.echo_until = Time{};
  if (stage_ != Stage::measuring) return;
  enter_phase(Phase::drain);
  end_measuring(now);
  // Without clients this shard is done before the others are.
  if (now >= sends_end_) record_began(sends_end_);
}

void Shard::end_measuring(Time now) {
  result_.use = {thread_cpu_time() - cpu_at_start_, now - clients_context_.measuring_began, std::nullopt};
  const auto waited = self_.run_queue_wait();
  if (waited && waited_at_start_) result_.use.run_queue_wait = *waited - *waited_at_start_;
}

void Shard::begin_closing() {
  clients_context_.echo_until = Time{};
  const bool measuring_cut_short = sending_ && clients_context_.measuring_began != Time{};
  sending_ = false;
  enter_phase(Phase::closing);
  if (measuring_cut_short) end_measuring(stage_began_);
  if (result_.began != Time{}) record_began(stage_began_);
  if (clients_context_.measuring_began != Time{}) record_unsent();
  for (Client& client : clients_) {
    if (client.connecting()) client.end({Reason::stopped, 0});
  }
  last_close_ = stage_began_;
}

/// What fell due in the measuring phase, as long as that was, and was never sent.
void Shard::record_unsent() {
  const Time end = std::min(clients_context_.measuring_ended, stage_began_);
  schedule_.count_unsent(end, [this](Schedule::Sender sender, std::uint64_t messages) {
    const Client& client = clients_[sender.slot];
    const event::NotSent reason = client.open()          ? event::NotSent::stopped
                                  : client.established() ? event::NotSent::ended
                                                         : event::NotSent::not_connected;
    const event::Unsent unsent{reason, messages};
    recorder_.record({stage_began_, unsent.packed(), sender.client, 0, event::Kind::not_sent});
  });
}

/// From when on the recorder's phase is: the stored events alone tell how long each was.
void Shard::record_began(Time at) noexcept {
  recorder_.record({at, 0, event::kNobody, 0, event::Kind::phase_began});
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
      if (client.closing()) client.end({Reason::close_unanswered, 0});
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

}  // namespace wsbench::client
