#include "orchestrator/daemon/foreground.hpp"

#include <utility>

#include <fmt/format.h>

#include "orchestrator/run_directory.hpp"
#include "orchestrator/version.hpp"

namespace wsbench::daemon {

using control::Refusal;
using control::TurnState;

namespace {

constexpr std::uint64_t kNumber = 1;

tl::unexpected<Refusal> not_here() {
  return tl::unexpected(
      Refusal{Refusal::Kind::not_here, "this is one suite in the foreground; `wsbench daemon` takes others"});
}

control::BoardSpec spec_of(const orchestrator::SuiteSession& session) {
  return {orchestrator::kVersion, session.config().db_root.string(), true};
}

}  // namespace

Foreground::Foreground(Task task, Log& log) : SuiteHost(spec_of(task.session), log), task_(std::move(task)) {
  board_.update([this](control::Status& status) {
    control::JobStatus job;
    job.number = kNumber;
    job.group = job.suite = task_.session.config().name;
    job.state = control::JobState::running;
    job.run = task_.session.run().directory().filename().string();
    job.local = task_.local;
    job.submitted = job.began = event::Clock::now();
    status.jobs.push_back(std::move(job));
  });
  board_.begin_job(kNumber);
}

tl::expected<std::uint64_t, Refusal> Foreground::submit(const control::Submission& /*submission*/) {
  return not_here();
}

tl::expected<std::uint64_t, Refusal> Foreground::again(std::string_view group) {
  const auto status = board_.status();
  if (control::find_job(*status, group) == nullptr) return no_such(group);
  return tl::unexpected(Refusal{Refusal::Kind::active_already, fmt::format("{} runs already", group)});
}

void Foreground::shut_down() {
  task_.ends.request_stop();
  board_.update([](control::Status& status) { status.stopping = true; });
}

tl::expected<void, Refusal> Foreground::cancel(std::string_view group) {
  const auto status = board_.status();
  if (control::find_job(*status, group) == nullptr) return no_such(group);
  shut_down();
  return {};
}

void Foreground::show(const std::string& contestant, TurnState from, TurnState to) {
  board_.update([&](control::Status& status) {
    for (auto& job : status.jobs) {
      for (auto& one : job.contestants) {
        if (one.name != contestant || one.state != from) continue;
        one.state = to;
        one.description = name(to);
      }
    }
  });
}

tl::expected<void, Refusal> Foreground::skip(std::string_view group, std::string_view contestant) {
  return find_open(group, contestant).map([this](const std::string& name) {
    task_.control.skip(name);
    show(name, TurnState::pending, TurnState::skipped);
  });
}

tl::expected<void, Refusal> Foreground::unskip(std::string_view group, std::string_view contestant) {
  const auto name = find_open(group, contestant);
  if (!name) return tl::unexpected(name.error());
  if (!task_.control.skips(*name))
    return tl::unexpected(
        Refusal{Refusal::Kind::active_already, fmt::format("{}:{} is not skipped", group, contestant)});
  task_.control.unskip(*name);
  show(*name, TurnState::skipped, TurnState::pending);
  return {};
}

std::optional<LogSource> Foreground::log_source(std::string_view /*group*/) const {
  if (task_.local) return task_.session.run().directory() / orchestrator::kSupervisordFolder;
  return task_.session.supervisord();
}

}  // namespace wsbench::daemon
