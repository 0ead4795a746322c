#include "orchestrator/daemon/foreground.hpp"

#include <utility>

#include <fmt/format.h>

#include "orchestrator/results/run_directory.hpp"
#include "orchestrator/util/version.hpp"

namespace wsbench::daemon {

using control::state::Refusal;
using results::TurnState;

namespace {

constexpr std::uint64_t kNumber = 1;

tl::unexpected<control::state::Refusal> not_here() {
  return tl::unexpected(
      control::state::Refusal{control::state::Refusal::Kind::not_here,
                              "this is one suite in the foreground; `wsbench daemon` takes others"});
}

control::state::BoardSpec spec_of(const suite::SuiteSession& session) {
  return {util::kVersion, session.config().db_root.string(), true};
}

}  // namespace

Foreground::Foreground(Task task, Log& log) : SuiteHost(spec_of(task.session), log), task_(std::move(task)) {
  board_.update([this](control::state::Status& status) {
    control::state::JobStatus job;
    job.number = kNumber;
    job.group = job.suite = task_.session.config().name;
    job.state = control::state::JobState::running;
    job.run = task_.session.run().directory().filename().string();
    job.local = task_.local;
    job.submitted = job.began = event::Clock::now();
    status.jobs.push_back(std::move(job));
  });
  board_.begin_job(kNumber);
}

tl::expected<std::uint64_t, control::state::Refusal> Foreground::submit(
    const control::state::Submission& /*submission*/) {
  return not_here();
}

tl::expected<std::uint64_t, control::state::Refusal> Foreground::again(std::string_view group) {
  const auto status = board_.status();
  if (control::state::find_job(*status, group) == nullptr) return no_such(group);
  return tl::unexpected(control::state::Refusal{control::state::Refusal::Kind::active_already,
                                                fmt::format("{} runs already", group)});
}

void Foreground::shut_down() {
  task_.ends.request_stop();
  board_.update([](control::state::Status& status) { status.stopping = true; });
}

tl::expected<void, control::state::Refusal> Foreground::cancel(std::string_view group) {
  const auto status = board_.status();
  if (control::state::find_job(*status, group) == nullptr) return no_such(group);
  shut_down();
  return {};
}

void Foreground::show(const std::string& contestant, results::TurnState from, results::TurnState to) {
  board_.update([&](control::state::Status& status) {
    for (auto& job : status.jobs) {
      for (auto& one : job.contestants) {
        if (one.name != contestant || one.state != from) continue;
        one.state = to;
        one.description = name(to);
      }
    }
  });
}

tl::expected<void, control::state::Refusal> Foreground::skip(std::string_view group,
                                                             std::string_view contestant) {
  return find_open(group, contestant).map([this](const std::string& name) {
    task_.control.skip(name);
    show(name, results::TurnState::pending, results::TurnState::skipped);
  });
}

tl::expected<void, control::state::Refusal> Foreground::unskip(std::string_view group,
                                                               std::string_view contestant) {
  const auto name = find_open(group, contestant);
  if (!name) return tl::unexpected(name.error());
  if (!task_.control.skips(*name))
    return tl::unexpected(control::state::Refusal{control::state::Refusal::Kind::active_already,
                                                  fmt::format("{}:{} is not skipped", group, contestant)});
  task_.control.unskip(*name);
  show(*name, results::TurnState::skipped, results::TurnState::pending);
  return {};
}

std::optional<LogSource> Foreground::log_source(std::string_view /*group*/) const {
  if (task_.local) return task_.session.run().directory() / results::kSupervisordFolder;
  return task_.session.supervisord();
}

}  // namespace wsbench::daemon
