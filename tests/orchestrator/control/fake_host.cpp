#include "tests/orchestrator/control/fake_host.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tests/orchestrator/results/results.hpp"

namespace wsbench::test {

using namespace std::chrono_literals;
using namespace wsbench::control::state;

namespace {

tl::unexpected<Refusal> refused(Refusal::Kind kind, std::string message) {
  return tl::unexpected(Refusal{kind, std::move(message)});
}

/// A window as readFile in supervisor/options.py cuts it.
std::string cut(const std::string& text, std::int64_t offset, std::int64_t length) {
  const auto size = static_cast<std::int64_t>(text.size());
  const auto begin = offset < 0 ? std::max<std::int64_t>(size + offset, 0) : std::min(offset, size);
  const auto wanted = offset < 0 || length == 0 ? size - begin : std::min(length, size - begin);
  return text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(wanted));
}

/// And as tailFile does.
LogWindow tail(const std::string& text, std::int64_t offset, std::int64_t length) {
  const auto size = static_cast<std::int64_t>(text.size());
  if (offset >= size) return {"", size, false};
  return {cut(text, -std::min(length, size), 0), size, size > offset + length};
}

std::shared_ptr<const Live> sample_live() {
  auto live = std::make_shared<Live>();
  live->group = "smoke-2";
  live->contestant = "node-ws";
  live->state = TurnState::measuring;
  live->totals.phase = event::Phase::measuring;
  live->totals.phase_began = sample_time(60);
  live->totals.attempted = live->totals.established = live->totals.open = live->requested = 10000;
  live->totals.sent = live->totals.received = 339354;
  for (int i = 1; i <= 1000; ++i) {
    live->totals.latency.record(i <= 985 ? 120us : 1900us);
    live->totals.lag.record(30us);
  }
  live->latency_sum = 985 * 120us + 15 * 1900us;
  live->lag_sum = 30ms;
  live->warm_up = 6s;
  live->measuring = 60s;
  live->interval = 1s;
  live->cpu_seconds = 7.25;
  LivePoint point;
  point.at = 33s;
  point.phase = event::Phase::measuring;
  point.open = 10000;
  point.sent_rate = 9981.04;
  point.received_rate = 9981;
  point.p50 = 118us;
  point.p90 = 130us;
  point.p99 = 1900us;
  point.p999 = 2ms;
  point.lag_p99 = 31us;
  live->points.push_back(point);
  point.at = 34s;
  point.rss_bytes = 58'500'000;
  point.connections = 10000;
  point.cpu_share = 0.314159;
  live->points.push_back(point);
  return live;
}

ContestantStatus turn(const char* name, TurnState state, const char* description) {
  ContestantStatus one;
  one.name = name;
  one.state = state;
  one.description = description;
  return one;
}

JobStatus sample_running() {
  JobStatus job;
  job.number = 3;
  job.group = "smoke-2";
  job.suite = "smoke";
  job.state = JobState::running;
  job.run = "smoke-20261123T000000Z";
  job.local = true;
  job.load = "open loop, 10000 clients, a message each every second";
  job.submitted = sample_time(1);
  job.began = sample_time(2);
  job.turns = 6;
  job.turns_done = 3;
  job.left = 61500ms;
  auto done = turn("cpp-websocketpp", TurnState::completed, "completed: p50 83 us");
  done.began = sample_time(3);
  done.ended = sample_time(50.5);
  auto result = completed_round("cpp-websocketpp", 210us);
  result.server = results::ServerUse{};
  result.server->rss_peak_bytes = 4'660'000;
  result.server->cpu_share = 0.031;
  done.result = std::make_shared<const RoundResult>(std::move(result));
  auto failed = turn("go-gorilla", TurnState::failed, "died: it ended under load");
  failed.error = "died: it ended under load";
  auto skipped = turn("perl-ev", TurnState::skipped, "skipped");
  auto measured = turn("node-ws", TurnState::measuring, "measuring 34 of 60 s, 10000 clients");
  measured.pid = 4711;
  measured.began = sample_time(55);
  job.contestants = {std::move(done),
                     std::move(failed),
                     std::move(skipped),
                     std::move(measured),
                     turn("python-tornado-1", TurnState::pending, "waiting, 5 of 6"),
                     turn("python-websockets", TurnState::pending, "waiting, 6 of 6")};
  return job;
}

}  // namespace

event::Time sample_time(double seconds_later) {
  constexpr auto kBegin = 1'795'392'000s;
  return event::Time(
      kBegin + std::chrono::duration_cast<event::Duration>(std::chrono::duration<double>(seconds_later)));
}

Status sample_status() {
  Status status;
  status.version = "0.1.0";
  status.pid = 4242;
  status.started = sample_time(0.5);
  status.db_root = "runs";
  JobStatus queued;
  queued.number = 4;
  queued.group = queued.suite = "full";
  queued.submitted = sample_time(4);
  queued.contestants = {turn("node-ws", TurnState::pending, "queued, 1 suite before it")};
  JobStatus ended;
  ended.number = 2;
  ended.group = ended.suite = "smoke";
  ended.state = JobState::complete;
  ended.run = "smoke-20261122T000000Z";
  ended.contestants = {turn("node-ws", TurnState::completed, "completed: p50 90 us")};
  status.jobs = {sample_running(), std::move(queued), std::move(ended)};
  status.live = sample_live();
  status.turns = {7, 2, 1, 3, 1};
  status.messages_sent = 12'345'678'901;
  status.messages_received = 12'345'678'000;
  return status;
}

FakeHost::FakeHost(Status status) : status_(std::make_shared<const Status>(std::move(status))) {}

std::vector<std::string> FakeHost::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

bool FakeHost::is_shut_down() const {
  const std::lock_guard lock(mutex_);
  return is_shut_down_;
}

void FakeHost::refuse_all(std::optional<Refusal> refusal) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(refusal);
}

void FakeHost::set_log(std::string text) {
  const std::lock_guard lock(mutex_);
  log_ = std::move(text);
}

void FakeHost::append_log(const std::string& text) {
  const std::lock_guard lock(mutex_);
  log_ += text;
}

void FakeHost::set_contestant_log(std::optional<std::string> text) {
  const std::lock_guard lock(mutex_);
  contestant_log_ = std::move(text);
}

std::shared_ptr<const Status> FakeHost::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void FakeHost::record(std::string call) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::move(call));
}

std::optional<Refusal> FakeHost::refusal() const {
  const std::lock_guard lock(mutex_);
  return refusal_;
}

std::uint64_t FakeHost::add_job(const std::string& suite, std::vector<Turn> contestants) {
  std::uint64_t number = 0;
  change([&](Status& status) {
    JobStatus job;
    for (const auto& other : status.jobs) job.number = std::max(job.number, other.number + 1);
    job.suite = job.group = suite;
    for (int i = 2; find_job(status, job.group) != nullptr; ++i) job.group = fmt::format("{}-{}", suite, i);
    job.contestants = std::move(contestants);
    for (auto& one : job.contestants) one = turn(one.name.c_str(), TurnState::pending, "queued, next");
    number = job.number;
    status.jobs.push_back(std::move(job));
  });
  return number;
}

tl::expected<FakeHost::Turn, Refusal> FakeHost::find(std::string_view group,
                                                     std::string_view contestant) const {
  const auto now = status();
  const auto* job = find_job(*now, group);
  const auto* one = job == nullptr ? nullptr : find_contestant(*job, contestant);
  if (one == nullptr) return refused(Refusal::Kind::not_found, "there is no such contestant");
  return *one;
}

void FakeHost::set_turn(std::string_view group, std::string_view contestant, TurnState state,
                        const char* description) {
  change([&](Status& status) {
    for (auto& job : status.jobs) {
      if (job.group != group) continue;
      for (auto& one : job.contestants) {
        if (one.name == contestant) one = turn(one.name.c_str(), state, description);
      }
    }
  });
}

tl::expected<std::uint64_t, Refusal> FakeHost::submit(const Submission& submission) {
  std::string call = fmt::format("submit {} local={}", submission.name, submission.local);
  for (const auto& [key, value] : submission.overrides) call += fmt::format(" {}={}", key, value);
  record(std::move(call));
  if (auto refusal = this->refusal()) return tl::unexpected(*refusal);
  if (submission.config == "{") {
    return refused(Refusal::Kind::bad_config, "line 1: a } is missing\nhost: is missing");
  }
  return add_job(submission.name, {turn("node-ws", TurnState::pending, "")});
}

tl::expected<std::uint64_t, Refusal> FakeHost::again(std::string_view group) {
  record(fmt::format("again {}", group));
  if (auto refusal = this->refusal()) return tl::unexpected(*refusal);
  const auto now = status();
  const auto* job = find_job(*now, group);
  if (job == nullptr) return refused(Refusal::Kind::not_found, "there is no such suite");
  if (!has_ended(job->state)) return refused(Refusal::Kind::active_already, "it waits or runs");
  return add_job(job->suite, job->contestants);
}

tl::expected<void, Refusal> FakeHost::cancel(std::string_view group) {
  record(fmt::format("cancel {}", group));
  if (auto refusal = this->refusal()) return tl::unexpected(*refusal);
  const auto now = status();
  const auto* job = find_job(*now, group);
  if (job == nullptr) return refused(Refusal::Kind::not_found, "there is no such suite");
  if (has_ended(job->state)) return refused(Refusal::Kind::ended_already, "it has ended");
  change([group](Status& status) {
    for (auto& one : status.jobs) {
      if (one.group == group) one.state = JobState::cancelled;
    }
  });
  return {};
}

tl::expected<void, Refusal> FakeHost::skip(std::string_view group, std::string_view contestant) {
  record(fmt::format("skip {} {}", group, contestant));
  if (auto refusal = this->refusal()) return tl::unexpected(*refusal);
  const auto one = find(group, contestant);
  if (!one) return tl::unexpected(one.error());
  if (is_finished(one->state)) return refused(Refusal::Kind::ended_already, "its turn is over");
  set_turn(group, contestant, TurnState::skipped, "skipped");
  return {};
}

tl::expected<void, Refusal> FakeHost::unskip(std::string_view group, std::string_view contestant) {
  record(fmt::format("unskip {} {}", group, contestant));
  if (auto refusal = this->refusal()) return tl::unexpected(*refusal);
  const auto one = find(group, contestant);
  if (!one) return tl::unexpected(one.error());
  if (one->state != TurnState::skipped) return refused(Refusal::Kind::ended_already, "its turn is over");
  set_turn(group, contestant, TurnState::pending, "waiting, 3 of 6");
  return {};
}

void FakeHost::shut_down() {
  record("shut_down");
  const std::lock_guard lock(mutex_);
  is_shut_down_ = true;
}

std::string FakeHost::read_log(std::int64_t offset, std::int64_t length) const {
  const std::lock_guard lock(mutex_);
  return cut(log_, offset, length);
}

LogWindow FakeHost::tail_log(std::int64_t offset, std::int64_t length) const {
  const std::lock_guard lock(mutex_);
  return tail(log_, offset, length);
}

tl::expected<std::string, Refusal> FakeHost::read_contestant_log(std::string_view group,
                                                                 std::string_view contestant,
                                                                 LogChannel channel, std::int64_t offset,
                                                                 std::int64_t length) {
  if (auto refusal = this->refusal()) return tl::unexpected(*refusal);
  const std::lock_guard lock(mutex_);
  if (!contestant_log_) return refused(Refusal::Kind::not_found, "there is no such log");
  const auto* kind = channel == LogChannel::stdout_log ? "stdout" : "stderr";
  return cut(fmt::format("{} {} {}: {}", group, contestant, kind, *contestant_log_), offset, length);
}

tl::expected<LogWindow, Refusal> FakeHost::tail_contestant_log(std::string_view group,
                                                               std::string_view contestant,
                                                               LogChannel channel, std::int64_t offset,
                                                               std::int64_t length) {
  const auto whole = read_contestant_log(group, contestant, channel, 0, 0);
  if (!whole) return tl::unexpected(whole.error());
  return tail(*whole, offset, length);
}

tl::expected<std::vector<RunSummary>, Refusal> FakeHost::runs() {
  if (auto refusal = this->refusal()) return tl::unexpected(*refusal);
  return std::vector<RunSummary>{{"smoke-20261123T000000Z", "smoke", sample_time(2), false, 6, 1234},
                                 {"smoke-20261122T000000Z", "smoke", sample_time(-86400), true, 1, 5678}};
}

tl::expected<std::string, Refusal> FakeHost::result(std::string_view run) {
  if (auto refusal = this->refusal()) return tl::unexpected(*refusal);
  if (run != "smoke" && run != "smoke-20261122T000000Z") {
    return refused(Refusal::Kind::not_found, "there is no such run");
  }
  return std::string(R"({"schema_version": 1})");
}

tl::expected<std::string, Refusal> FakeHost::report(std::string_view run) {
  const auto found = result(run);
  if (!found) return tl::unexpected(found.error());
  return std::string("rank  contestant\n");
}

}  // namespace wsbench::test
