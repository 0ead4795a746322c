#include "orchestrator/daemon/suite_host.hpp"

#include <fmt/format.h>

namespace wsbench::daemon {

using control::state::LogChannel;
using control::state::LogWindow;
using control::state::Refusal;

SuiteHost::SuiteHost(const control::state::BoardSpec& spec, Log& log)
    : board_(spec), log_(log), archive_(spec.db_root) {}

std::string SuiteHost::read_log(std::int64_t offset, std::int64_t length) const {
  return log_.read(offset, length);
}

control::state::LogWindow SuiteHost::tail_log(std::int64_t offset, std::int64_t length) const {
  return log_.tail(offset, length);
}

tl::unexpected<control::state::Refusal> SuiteHost::no_such(std::string_view group,
                                                           std::string_view contestant) const {
  return tl::unexpected(control::state::Refusal{control::state::Refusal::Kind::not_found,
                                                contestant.empty()
                                                    ? fmt::format("there is no suite {}", group)
                                                    : fmt::format("there is no {}:{}", group, contestant)});
}

tl::expected<LogSource, control::state::Refusal> SuiteHost::find_log(std::string_view group,
                                                                     std::string_view contestant) const {
  const auto status = board_.status();
  const auto* job = control::state::find_job(*status, group);
  if (job == nullptr || control::state::find_contestant(*job, contestant) == nullptr)
    return no_such(group, contestant);
  auto source = log_source(group);
  if (!source)
    return tl::unexpected(control::state::Refusal{
        control::state::Refusal::Kind::failed,
        fmt::format("{} has not begun: there is no log of {} yet", group, contestant)});
  return std::move(*source);
}

tl::expected<std::string, control::state::Refusal> SuiteHost::read_contestant_log(
    std::string_view group, std::string_view contestant, control::state::LogChannel channel,
    std::int64_t offset, std::int64_t length) {
  return find_log(group, contestant).and_then([&](const LogSource& source) {
    return daemon::read_contestant_log(source, contestant, channel, offset, length);
  });
}

tl::expected<control::state::LogWindow, control::state::Refusal> SuiteHost::tail_contestant_log(
    std::string_view group, std::string_view contestant, control::state::LogChannel channel,
    std::int64_t offset, std::int64_t length) {
  return find_log(group, contestant).and_then([&](const LogSource& source) {
    return daemon::tail_contestant_log(source, contestant, channel, offset, length);
  });
}

tl::expected<std::string, control::state::Refusal> SuiteHost::find_open(std::string_view group,
                                                                        std::string_view contestant) const {
  const auto status = board_.status();
  const auto* job = control::state::find_job(*status, group);
  const auto* one = job == nullptr ? nullptr : control::state::find_contestant(*job, contestant);
  if (one == nullptr) return no_such(group, contestant);
  const bool is_over = one->result != nullptr && is_finished(one->state) && one->round + 1 >= one->rounds;
  if (has_ended(job->state) || is_over)
    return tl::unexpected(control::state::Refusal{control::state::Refusal::Kind::ended_already,
                                                  fmt::format("{}:{} has ended already", group, contestant)});
  return one->name;
}

tl::expected<std::vector<control::state::RunSummary>, control::state::Refusal> SuiteHost::runs() {
  return archive_.runs();
}

std::string SuiteHost::run_of(std::string_view run) const {
  const auto status = board_.status();
  const auto* job = control::state::find_job(*status, run);
  return job != nullptr && !job->run.empty() ? job->run : std::string(run);
}

tl::expected<std::string, control::state::Refusal> SuiteHost::result(std::string_view run) {
  return archive_.result(run_of(run));
}

tl::expected<std::string, control::state::Refusal> SuiteHost::report(std::string_view run) {
  return archive_.report(run_of(run));
}

}  // namespace wsbench::daemon
