#include "orchestrator/control/state/board.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "orchestrator/control/state/describe.hpp"

namespace wsbench::control::state {

using results::RoundResult;
using results::TurnState;

using suite::TurnView;

namespace {

constexpr std::size_t kMaxPoints = 3600;
constexpr auto kPointInterval = std::chrono::seconds{1};

double seconds(results::Nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

void count(TurnTotals& totals, TurnState state) {
  switch (state) {
    case TurnState::completed:
      ++totals.completed;
      break;
    case TurnState::failed:
      ++totals.failed;
      break;
    case TurnState::not_installed:
      ++totals.not_installed;
      break;
    case TurnState::cancelled:
      ++totals.cancelled;
      break;
    case TurnState::skipped:
      ++totals.skipped;
      break;
    default:
      break;
  }
}

void take_result(ContestantStatus& contestant, const RoundResult& result) {
  contestant.state = result.state;
  contestant.round = result.round;
  contestant.description = describe(result);
  contestant.error = result.failure ? result.failure->message : "";
  if (result.state == TurnState::not_installed) contestant.error = contestant.description;
  contestant.pid = 0;
  contestant.began = result.began;
  contestant.ended = result.began + result.own_start + result.load + result.supervisord + result.dead_time;
  contestant.result = std::make_shared<const RoundResult>(result);
}

/// The words of what waits: it depends on what stands before it.
void describe_waiting_ones(Status& status) {
  std::size_t before = 0;
  for (auto& job : status.jobs) {
    if (has_ended(job.state)) continue;
    std::size_t position = 0;
    for (auto& contestant : job.contestants) {
      ++position;
      if (contestant.state != TurnState::pending) continue;
      contestant.description = job.state == JobState::queued
                                   ? describe_queued(before)
                                   : describe_waiting(position, job.contestants.size());
    }
    ++before;
  }
}

}  // namespace

Board::Board(const BoardSpec& spec) : now_(spec.now) {
  working_.version = spec.version;
  working_.db_root = spec.db_root;
  working_.foreground = spec.foreground;
  working_.pid = ::getpid();
  working_.started = now_();
  published_ = std::make_shared<const Status>(working_);
}

std::shared_ptr<const Status> Board::status() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

void Board::wait_for_change(std::uint64_t revision, std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [&] { return published_->revision != revision; });
}

void Board::publish() {
  ++working_.revision;
  published_ = std::make_shared<const Status>(working_);
  changed_.notify_all();
}

void Board::restructured() {
  ++working_.structure;
  describe_waiting_ones(working_);
  publish();
}

void Board::update(const std::function<void(Status&)>& change) {
  const std::lock_guard lock(mutex_);
  change(working_);
  restructured();
}

void Board::begin_job(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  job_ = number;
}

JobStatus* Board::job() {
  const auto found = std::find_if(working_.jobs.begin(), working_.jobs.end(),
                                  [this](const JobStatus& job) { return job.number == job_; });
  return found == working_.jobs.end() ? nullptr : &*found;
}

ContestantStatus* Board::contestant(std::string_view name) {
  auto* current = job();
  if (current == nullptr) return nullptr;
  const auto found = std::find_if(current->contestants.begin(), current->contestants.end(),
                                  [name](const ContestantStatus& one) { return one.name == name; });
  return found == current->contestants.end() ? nullptr : &*found;
}

void Board::began(const results::Manifest& manifest, const results::SuiteResult& so_far) {
  const std::lock_guard lock(mutex_);
  auto* current = job();
  if (current == nullptr) return;
  current->load = manifest.load;
  current->turns = manifest.turns.size();
  current->turns_done = 0;
  for (const auto& one : so_far.contestants) {
    current->turns_done += static_cast<std::size_t>(
        std::count_if(one.rounds.begin(), one.rounds.end(),
                      [](const RoundResult& round) { return is_finished(round.state); }));
  }
  auto shown = contestants_of(so_far);
  for (auto& one : shown) {
    const auto* before = find_contestant(*current, one.name);
    const bool skipped = before != nullptr && before->state == TurnState::skipped && one.result == nullptr;
    if (!skipped) continue;
    one.state = TurnState::skipped;
    one.description = before->description;
  }
  current->contestants = std::move(shown);
  // What was cancelled is taken afresh.
  for (auto& one : current->contestants) {
    if (one.state == TurnState::cancelled) one.state = TurnState::pending;
  }
  restructured();
}

void Board::entered(const suite::TurnView& view) {
  if (view.state == TurnState::warm_up) begin_load(view);
  if (view.state == TurnState::stopping) end_load();
  const std::lock_guard lock(mutex_);
  if (auto* one = contestant(view.turn.contestant)) {
    one->state = view.state;
    one->round = view.turn.round;
    one->description = describe(view.state, one->round, one->rounds);
    if (view.state == TurnState::starting) {
      one->began = now_();
      one->ended = event::Time{};
      one->error.clear();
    }
  }
  if (auto* current = job()) current->left = view.suite_left;
  restructured();
}

void Board::begin_load(const suite::TurnView& view) {
  load_ = Load{};
  auto& live = load_->live;
  live.contestant = view.turn.contestant;
  live.round = view.turn.round;
  live.state = view.state;
  live.warm_up = view.plan.warm_up;
  live.measuring = view.plan.measuring;
  if (view.plan.mode == client::Mode::open) live.interval = view.plan.interval;
  live.requested = view.plan.clients;
  load_->began = load_->last_point = live.totals.phase_began = now_();
  const std::lock_guard lock(mutex_);
  if (const auto* current = job()) live.group = current->group;
  working_.live = std::make_shared<const Live>(live);
}

void Board::end_load() {
  if (!load_) return;
  const std::lock_guard lock(mutex_);
  sent_before_ += load_->live.totals.sent;
  received_before_ += load_->live.totals.received;
  working_.messages_sent = sent_before_;
  working_.messages_received = received_before_;
  working_.live = nullptr;
  load_.reset();
}

LivePoint Board::make_point(const client::Snapshot& snapshot, event::Time now) {
  LivePoint point;
  point.at = now - load_->began;
  point.phase = snapshot.phase;
  point.open = snapshot.open;
  const double passed = std::max(seconds(now - load_->last_point), 1e-3);
  point.sent_rate = static_cast<double>(snapshot.sent - load_->sent) / passed;
  point.received_rate = static_cast<double>(snapshot.received - load_->received) / passed;
  auto latency = snapshot.latency;
  latency.subtract(load_->latency);
  auto lag = snapshot.lag;
  lag.subtract(load_->lag);
  point.p50 = latency.quantile(0.5);
  point.p90 = latency.quantile(0.9);
  point.p99 = latency.quantile(0.99);
  point.p999 = latency.quantile(0.999);
  point.lag_p99 = lag.quantile(0.99);
  if (load_->sample) {
    point.rss_bytes = load_->sample->rss_bytes;
    point.connections = load_->sample->connections;
    point.cpu_share = load_->cpu_share;
  }
  load_->last_point = now;
  load_->sent = snapshot.sent;
  load_->received = snapshot.received;
  load_->latency = snapshot.latency;
  load_->lag = snapshot.lag;
  return point;
}

void Board::progressed(const suite::TurnView& view, const client::Snapshot& snapshot) {
  if (!load_) return;
  const auto now = now_();
  auto& live = load_->live;
  live.totals.sent = snapshot.sent;
  live.totals.received = snapshot.received;
  if (now - load_->last_point < kPointInterval) return;
  live.points.push_back(make_point(snapshot, now));
  if (live.points.size() > kMaxPoints) live.points.erase(live.points.begin());
  live.state = view.state;
  live.totals = snapshot;
  live.latency_sum = snapshot.latency.sum();
  live.lag_sum = snapshot.lag.sum();

  auto shared = std::make_shared<const Live>(live);
  const std::lock_guard lock(mutex_);
  working_.live = std::move(shared);
  working_.messages_sent = sent_before_ + snapshot.sent;
  working_.messages_received = received_before_ + snapshot.received;
  if (auto* current = job()) current->left = view.suite_left;
  if (auto* one = contestant(live.contestant)) one->description = describe(live, one->rounds, now);
  publish();
}

void Board::sampled(const suite::TurnView& view, const contestants::ServerSample& sample) {
  if (!load_) return;
  const auto& before = load_->sample;
  if (before && before->cpu && sample.cpu && sample.time > before->time)
    load_->cpu_share = seconds(*sample.cpu - *before->cpu) / seconds(sample.time - before->time);
  load_->sample = sample;
  if (sample.cpu) load_->live.cpu_seconds = seconds(*sample.cpu);
  if (!sample.pid) return;
  const std::lock_guard lock(mutex_);
  if (auto* one = contestant(view.turn.contestant)) one->pid = static_cast<int>(*sample.pid);
}

void Board::ended(const suite::TurnView& view, const RoundResult& result) {
  end_load();
  const std::lock_guard lock(mutex_);
  count(working_.turns, result.state);
  if (auto* one = contestant(view.turn.contestant)) take_result(*one, result);
  if (auto* current = job()) {
    if (is_finished(result.state)) ++current->turns_done;
    // A turn that was not taken estimates nothing.
    if (result.state != TurnState::not_installed && result.state != TurnState::skipped)
      current->left = view.suite_left;
  }
  restructured();
}

std::vector<ContestantStatus> contestants_of(const results::SuiteResult& suite) {
  std::vector<ContestantStatus> contestants;
  for (const auto& contestant : suite.contestants) {
    ContestantStatus one;
    one.name = contestant.name;
    one.rounds = static_cast<std::uint16_t>(
        std::count_if(suite.manifest.turns.begin(), suite.manifest.turns.end(),
                      [&](const auto& turn) { return turn.contestant == contestant.name; }));
    if (!contestant.rounds.empty()) take_result(one, contestant.rounds.back());
    contestants.push_back(std::move(one));
  }
  return contestants;
}

}  // namespace wsbench::control::state
