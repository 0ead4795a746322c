#include "orchestrator/daemon/daemon.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/daemon/job_status.hpp"
#include "orchestrator/report/log_observer.hpp"
#include "orchestrator/results/results_file.hpp"
#include "orchestrator/results/run_directory.hpp"
#include "orchestrator/suite/observer_chain.hpp"
#include "orchestrator/util/sleep.hpp"
#include "orchestrator/util/version.hpp"
#include "store/run/runs.hpp"

namespace wsbench::daemon {

using control::state::JobState;

using control::state::Refusal;
using report::Severity;
using suite::SessionError;
using suite::SuiteEnd;
using suite::SuiteSession;

namespace {

/// Beside the runs; store::list_runs() passes it over.
constexpr const char* kQueueFolder = "queue";

/// Between the attempts at a suite that the infrastructure broke off: doubled from the first to the last,
/// about a quarter of an hour in all.
constexpr std::chrono::seconds kFirstPause{15}, kLastPause{480};
constexpr std::chrono::seconds kUnwritable{30};  ///< before a queue that could not be written is tried again

tl::unexpected<control::state::Refusal> refuse(control::state::Refusal::Kind kind, std::string message) {
  return tl::unexpected(control::state::Refusal{kind, std::move(message)});
}

tl::unexpected<control::state::Refusal> refuse(const std::string& why) {
  return refuse(control::state::Refusal::Kind::failed, why);
}

tl::unexpected<control::state::Refusal> over(std::string_view what) {
  return refuse(control::state::Refusal::Kind::ended_already, fmt::format("{} has ended already", what));
}

}  // namespace

Daemon::Current::Current(const Job& job, const std::stop_token& daemon)
    : number(job.number), with_daemon(daemon, [this] { ends.request_stop(); }), control(ends.get_token()) {
  for (const auto& contestant : job.skipped) control.skip(contestant);
}

tl::expected<std::unique_ptr<Daemon>, std::string> Daemon::open(const DaemonConfig& config, Log& log) {
  auto queue = Queue::open(config.db_root / kQueueFolder);
  if (!queue && queue.error().kind == store::Error::Kind::locked) {
    return tl::unexpected(fmt::format("another wsbench daemon serves {} already ({})",
                                      config.db_root.string(), queue.error().message));
  }
  if (!queue) return tl::unexpected(queue.error().message);
  std::unique_ptr<Daemon> daemon(new Daemon(config, log, std::move(*queue)));
  daemon->list_jobs();
  return daemon;
}

Daemon::Daemon(const DaemonConfig& config, Log& log, std::unique_ptr<Queue> queue)
    : SuiteHost({util::kVersion, config.db_root.string(), false}, log),
      config_(config),
      queue_(std::move(queue)) {}

Daemon::~Daemon() {
  stop();
  if (suites_.joinable()) suites_.join();
}

void Daemon::start() {
  suites_ = std::thread([this] { take_suites(); });
}

void Daemon::stop() noexcept {
  stop_.request_stop();
}

void Daemon::shut_down() {
  stop();
  list_jobs();
}

/// The queue is not guarded by mutex_: without this the suites' thread could miss a change that comes between
/// its look and its wait.
void Daemon::wake() {
  { const std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

bool Daemon::wait_for(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return ended_; });
}

// What clients ask for.

tl::expected<std::uint64_t, control::state::Refusal> Daemon::submit(
    const control::state::Submission& submission) {
  auto submitted = parse_submitted(submission.config, submission.name, submission.overrides, config_.db_root);
  if (!submitted) return refuse(control::state::Refusal::Kind::bad_config, submitted.error().message);
  Job job;
  job.suite = submitted->config.name;
  job.config = std::move(submitted->text);
  job.local = submission.local || config_.local;
  return enqueue(std::move(job));
}

tl::expected<std::uint64_t, control::state::Refusal> Daemon::again(std::string_view group) {
  auto former = queue_->find(group);
  if (!former) return no_such(group);
  if (!has_ended(former->state))
    return refuse(control::state::Refusal::Kind::active_already,
                  fmt::format("{} waits or runs already", group));
  Job job;
  job.suite = former->suite;
  job.config = former->config;
  job.local = former->local;
  // What the infrastructure broke off is gone on with; everything else is measured anew.
  if (former->state == JobState::failed) {
    job.run = former->run;
    job.skipped = former->skipped;
  }
  return enqueue(std::move(job));
}

tl::expected<std::uint64_t, control::state::Refusal> Daemon::enqueue(Job job) {
  const auto added = queue_->add(std::move(job));
  if (!added) return refuse(control::state::Refusal::Kind::failed, added.error().message);
  log_.info(fmt::format("{} is submitted, number {}", added->group, added->number));
  list_jobs();
  wake();
  return added->number;
}

tl::expected<void, control::state::Refusal> Daemon::cancel(std::string_view group) {
  {
    // Held to the end, so that the job neither begins nor ends meanwhile.
    const std::lock_guard lock(mutex_);
    const auto job = queue_->find(group);
    if (!job) return no_such(group);
    if (has_ended(job->state)) return over(group);
    if (current_ && current_->number == job->number) {
      current_->cancelled = true;
      current_->ends.request_stop();
      log_.info(fmt::format("{} is being cancelled", group));
      return {};
    }
    if (auto ended = end(job->number, JobState::cancelled, ""); !ended) return refuse(ended.error());
  }
  list_jobs();
  return {};
}

tl::expected<void, control::state::Refusal> Daemon::skip(std::string_view group,
                                                         std::string_view contestant) {
  return find_open(group, contestant).and_then([&](const std::string& name) {
    return change_skipped(group, name, [&name](Job& job) { job.skipped.insert(name); });
  });
}

tl::expected<void, control::state::Refusal> Daemon::unskip(std::string_view group,
                                                           std::string_view contestant) {
  return find_open(group, contestant)
      .and_then([&](const std::string& name) -> tl::expected<void, control::state::Refusal> {
        const auto job = queue_->find(group);
        if (job && !job->skipped.contains(name))
          return refuse(control::state::Refusal::Kind::active_already,
                        fmt::format("{}:{} is not skipped", group, contestant));
        return change_skipped(group, name, [&name](Job& kept) { kept.skipped.erase(name); });
      });
}

tl::expected<void, control::state::Refusal> Daemon::change_skipped(std::string_view group,
                                                                   const std::string& contestant,
                                                                   const std::function<void(Job&)>& edit) {
  {
    const std::lock_guard lock(mutex_);
    const auto job = queue_->find(group);
    if (!job) return no_such(group, contestant);
    const auto changed = change(job->number, edit);
    if (!changed) return refuse(changed.error());
    const bool skipped = changed->skipped.contains(contestant);
    if (current_ && current_->number == job->number) {
      if (skipped)
        current_->control.skip(contestant);
      else
        current_->control.unskip(contestant);
    }
    log_.info(fmt::format("{}:{} is {}", group, contestant, skipped ? "skipped" : "taken in again"));
  }
  list_jobs();
  return {};
}

std::optional<LogSource> Daemon::log_source(std::string_view group) const {
  const auto job = queue_->find(group);
  if (!job || job->run.empty()) return std::nullopt;
  if (job->local) return config_.db_root / job->run / results::kSupervisordFolder;
  const auto submitted = parse_submitted(job->config, job->suite, {}, config_.db_root);
  if (!submitted) return std::nullopt;
  return submitted->config.supervisord;
}

// The suites' thread.

void Daemon::take_suites() {
  const auto stop = stop_.get_token();
  while (!stop.stop_requested()) {
    const auto job = begin_next(stop);
    if (!job) continue;
    list_jobs();
    const auto outcome = measure(*job, *current_);
    {
      const std::lock_guard lock(mutex_);
      if (outcome) static_cast<void>(end(job->number, outcome->state, outcome->note));
      current_.reset();
    }
    list_jobs();
  }
  list_jobs();
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

/// Waits for a job and makes it the current one; none when the daemon ends, or cannot write down that it
/// begins.
std::optional<Job> Daemon::begin_next(const std::stop_token& stop) {
  {
    std::unique_lock lock(mutex_);
    std::optional<Job> job;
    changed_.wait(lock, stop, [&] {
      job = queue_->next();
      return job.has_value();
    });
    if (!job || stop.stop_requested()) return std::nullopt;
    const auto begun = change(job->number, [](Job& kept) {
      kept.state = JobState::running;
      if (kept.began == event::Time{}) kept.began = event::Clock::now();
    });
    if (begun) {
      log_.info(fmt::format("{} {}", job->group, job->state == JobState::running ? "goes on" : "begins"));
      current_.emplace(*begun, stop);
      return *begun;
    }
  }
  util::sleep_unless_stopped(stop, kUnwritable);
  return std::nullopt;
}

/// How the job ended; none when it goes on after the daemon's next start.
std::optional<Daemon::Outcome> Daemon::measure(const Job& job, Current& current) {
  const auto config = parse_submitted(job.config, job.suite, {}, config_.db_root);
  if (!config) return Outcome{JobState::failed, config.error().message};
  auto pause = kFirstPause;
  for (;;) {
    const auto done_before = turns_done(job.number);
    const auto ended = run_session(job.number, current, config->config);
    if (ended && *ended == suite::SuiteEnd::complete) return Outcome{JobState::complete, ""};
    if (current.cancelled) return Outcome{JobState::cancelled, ""};
    if (current.control.stop_requested()) return std::nullopt;
    const auto& error = ended.error();
    // A supervisord that is being restarted must not cost a night; what has come on begins to wait anew.
    if (turns_done(job.number) > done_before) pause = kFirstPause;
    if (error.kind != suite::SessionError::Kind::infrastructure || pause > kLastPause)
      return Outcome{JobState::failed, error.message};
    log_.warning(fmt::format("{}: {}; trying again in {} s", job.group, error.message, pause.count()));
    static_cast<void>(change(job.number, [&](Job& kept) { kept.note = "trying again: " + error.message; }));
    list_jobs();
    util::sleep_unless_stopped(current.control.stop(), pause);
    if (current.cancelled) return Outcome{JobState::cancelled, ""};
    if (current.control.stop_requested()) return std::nullopt;
    pause *= 2;
  }
}

std::size_t Daemon::turns_done(std::uint64_t number) const {
  const auto status = board_.status();
  for (const auto& job : status->jobs) {
    if (job.number == number) return job.turns_done;
  }
  return 0;
}

tl::expected<suite::SuiteEnd, suite::SessionError> Daemon::run_session(std::uint64_t number, Current& current,
                                                                       const config::Config& config) try {
  const auto failed = [](const std::string& why) {
    return tl::unexpected(suite::SessionError{suite::SessionError::Kind::infrastructure, why});
  };
  const auto job = queue_->find(number);
  if (!job) return failed("it is not in the queue any more");
  suite::SessionOptions options{job->local, {}};
  if (!job->run.empty()) {
    const auto begun = results::was_begun(config_.db_root / job->run);
    if (!begun) return failed(begun.error());
    if (*begun) options.resume = config_.db_root / job->run;
  }
  suite::SuiteSession session(config, std::move(options));
  if (auto opened = session.open(); !opened) return tl::unexpected(opened.error());
  // Before the first turn: whatever kills the daemon from here on, this is the run to go on with.
  const auto kept = change(number, [&](Job& kept_job) {
    kept_job.run = session.run().directory().filename().string();
    kept_job.note.clear();
  });
  if (!kept) return failed(kept.error());
  list_jobs();
  board_.begin_job(number);
  const auto logged = report::make_log_observer(
      [this](report::Severity severity, std::string_view line) { log_.write(severity, line); });
  suite::ObserverChain observers;
  observers.add(*logged);
  observers.add(board_);
  auto ended = session.measure(observers, current.control);
  if (ended && *ended == suite::SuiteEnd::complete) conclude(session, *job);
  if (!ended) session.discard_unbegun_run();
  return ended;
} catch (const std::exception& error) {
  // Out of memory or descriptors, or a monitor's answer of a shape that nobody expects: this suite's affair.
  return tl::unexpected(suite::SessionError{suite::SessionError::Kind::infrastructure, error.what()});
}

/// What a foreground run would say at its end.
void Daemon::conclude(const suite::SuiteSession& session, const Job& job) {
  const auto suite = results::read_suite_result(session.run());
  if (!suite) return log_.error(suite.error().message);
  for (const auto& line : shortcomings(*suite, session.config()))
    log_.warning(fmt::format("{}: not met: {}", job.group, line));
}

tl::expected<Job, std::string> Daemon::change(std::uint64_t number, const std::function<void(Job&)>& edit) {
  auto changed = queue_->change(number, edit);
  if (changed && *changed) return std::move(**changed);
  const auto why = changed ? fmt::format("number {} is not in the queue any more", number)
                           : fmt::format("the queue cannot be written: {}", changed.error().message);
  log_.error(why);
  return tl::unexpected(why);
}

tl::expected<void, std::string> Daemon::end(std::uint64_t number, JobState state, const std::string& note) {
  return change(number,
                [&](Job& kept) {
                  kept.state = state;
                  kept.note = note;
                  kept.ended = event::Clock::now();
                })
      .map([&](const Job& job) {
        log_.write(state == JobState::failed ? report::Severity::error : report::Severity::info,
                   fmt::format("{} is {}{}{}", job.group, name(state), note.empty() ? "" : ": ", note));
      });
}

void Daemon::list_jobs() {
  // What must be read from disk first: the board's readers wait while it changes.
  std::vector<control::state::JobStatus> fresh;
  const auto shown = board_.status();
  for (const auto& job : queue_->jobs()) {
    const bool is_known = std::any_of(shown->jobs.begin(), shown->jobs.end(),
                                      [&](const auto& known) { return known.number == job.number; });
    if (!is_known) fresh.push_back(read_status(job, config_.db_root));
  }
  board_.update([&](control::state::Status& status) {
    status.stopping = stopping();
    auto known = std::move(status.jobs);
    std::move(fresh.begin(), fresh.end(), std::back_inserter(known));
    status.jobs = merge(queue_->jobs(), std::move(known));
  });
}

}  // namespace wsbench::daemon
