#include "orchestrator/daemon/queue.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wsbench::daemon {

using control::state::JobState;

using nlohmann::json;

namespace {

constexpr std::string_view kJobs = "job/";
constexpr std::string_view kNext = "next";

std::string name_of(std::uint64_t number) {
  return fmt::format("{}{:020}", kJobs, number);
}

std::int64_t ns(event::Time time) {
  return time.time_since_epoch().count();
}

std::string to_text(const Job& job) {
  return json{{"number", job.number},
              {"group", job.group},
              {"suite", job.suite},
              {"config", job.config},
              {"local", job.local},
              {"state", name(job.state)},
              {"run", job.run},
              {"note", job.note},
              {"skipped", job.skipped},
              {"submitted_ns", ns(job.submitted)},
              {"began_ns", ns(job.began)},
              {"ended_ns", ns(job.ended)}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<JobState> state_from(std::string_view word) {
  for (const auto state :
       {JobState::queued, JobState::running, JobState::complete, JobState::cancelled, JobState::failed}) {
    if (name(state) == word) return state;
  }
  return std::nullopt;
}

/// Throws json::exception when the text is no job.
Job from_text(const std::string& text) {
  const auto d = json::parse(text);
  const auto time = [&d](const char* key) {
    return event::Time(std::chrono::nanoseconds(d.at(key).get<std::int64_t>()));
  };
  Job job;
  d.at("number").get_to(job.number);
  d.at("group").get_to(job.group);
  d.at("suite").get_to(job.suite);
  d.at("config").get_to(job.config);
  d.at("local").get_to(job.local);
  d.at("run").get_to(job.run);
  d.at("note").get_to(job.note);
  d.at("skipped").get_to(job.skipped);
  job.submitted = time("submitted_ns");
  job.began = time("began_ns");
  job.ended = time("ended_ns");
  const auto state = state_from(d.at("state").get<std::string>());
  // Of a newer wsbench's: to guess could measure again what has ended.
  if (!state) throw json::other_error::create(501, "a job's state is unknown", nullptr);
  job.state = *state;
  return job;
}

/// The suite's name, or the first of NAME-2, NAME-3, ... that none of the jobs has.
std::string free_group(const std::vector<Job>& jobs, const std::string& suite) {
  const auto taken = [&jobs](const std::string& group) {
    return std::any_of(jobs.begin(), jobs.end(), [&](const Job& job) { return job.group == group; });
  };
  auto group = suite;
  for (int i = 2; taken(group); ++i) group = fmt::format("{}-{}", suite, i);
  return group;
}

}  // namespace

Queue::Queue(std::unique_ptr<store::Ledger> ledger) : ledger_(std::move(ledger)) {}

store::Result<std::unique_ptr<Queue>> Queue::open(const std::filesystem::path& directory) {
  auto ledger = store::Ledger::open(directory);
  if (!ledger) return tl::unexpected(ledger.error());
  std::unique_ptr<Queue> queue(new Queue(std::move(*ledger)));
  if (auto loaded = queue->load(); !loaded) return tl::unexpected(loaded.error());
  return queue;
}

store::Result<void> Queue::load() {
  const auto documents = ledger_->list(kJobs);
  if (!documents) return tl::unexpected(documents.error());
  const auto next = ledger_->get(kNext);
  if (!next) return tl::unexpected(next.error());
  try {
    for (const auto& [name, text] : *documents) jobs_.push_back(from_text(text));
    if (*next) next_number_ = json::parse(**next).get<std::uint64_t>();
  } catch (const json::exception& error) {
    return tl::unexpected(store::Error{store::Error::Kind::corruption,
                                       fmt::format("The daemon's queue cannot be read: {}.", error.what())});
  }
  return {};
}

store::Result<Job> Queue::add(Job job) {
  const std::lock_guard lock(mutex_);
  job.number = next_number_;
  job.submitted = event::Clock::now();
  // The former job of that name makes room when it has ended: the name is the suite's own again.
  const auto makes_room = [&](const Job& other) {
    return other.suite == job.suite && has_ended(other.state);
  };
  auto kept = jobs_;
  kept.erase(std::remove_if(kept.begin(), kept.end(), makes_room), kept.end());
  job.group = free_group(kept, job.suite);
  store::Ledger::Batch batch{{name_of(job.number), to_text(job)},
                             {std::string(kNext), std::to_string(next_number_ + 1)}};
  for (const auto& other : jobs_) {
    if (makes_room(other)) batch.emplace_back(name_of(other.number), std::nullopt);
  }
  if (auto written = ledger_->write(batch); !written) return tl::unexpected(written.error());
  ++next_number_;
  kept.push_back(job);
  jobs_ = std::move(kept);
  return job;
}

store::Result<std::optional<Job>> Queue::change(std::uint64_t number, const std::function<void(Job&)>& edit) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(jobs_.begin(), jobs_.end(), [number](const Job& job) { return job.number == number; });
  if (found == jobs_.end()) return std::nullopt;
  Job job = *found;
  edit(job);
  store::Ledger::Batch batch{{name_of(number), to_text(job)}};
  const auto replaced = [&](const Job& other) {
    return has_ended(job.state) && has_ended(other.state) && other.suite == job.suite &&
           other.number != number;
  };
  for (const auto& other : jobs_) {
    if (replaced(other)) batch.emplace_back(name_of(other.number), std::nullopt);
  }
  if (auto written = ledger_->write(batch); !written) return tl::unexpected(written.error());
  *found = job;
  jobs_.erase(std::remove_if(jobs_.begin(), jobs_.end(), replaced), jobs_.end());
  return job;
}

std::vector<Job> Queue::jobs() const {
  const std::lock_guard lock(mutex_);
  return jobs_;
}

std::optional<Job> Queue::find(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  for (const auto& job : jobs_) {
    if (job.number == number) return job;
  }
  return std::nullopt;
}

std::optional<Job> Queue::find(std::string_view group) const {
  const std::lock_guard lock(mutex_);
  for (const auto& job : jobs_) {
    if (job.group == group) return job;
  }
  return std::nullopt;
}

std::optional<Job> Queue::next() const {
  const std::lock_guard lock(mutex_);
  for (const auto state : {JobState::running, JobState::queued}) {
    for (const auto& job : jobs_) {
      if (job.state == state) return job;
    }
  }
  return std::nullopt;
}

}  // namespace wsbench::daemon
