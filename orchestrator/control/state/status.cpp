#include "orchestrator/control/state/status.hpp"

#include <algorithm>

namespace wsbench::control::state {

namespace {

template <typename Container, typename Predicate>
auto find_in(const Container& container, Predicate predicate) noexcept -> const
    typename Container::value_type* {
  const auto found = std::find_if(container.begin(), container.end(), predicate);
  return found == container.end() ? nullptr : &*found;
}

}  // namespace

std::string_view name(JobState state) noexcept {
  switch (state) {
    case JobState::queued:
      return "queued";
    case JobState::running:
      return "running";
    case JobState::complete:
      return "complete";
    case JobState::cancelled:
      return "cancelled";
    case JobState::failed:
      return "failed";
  }
  return "unknown";
}

bool has_ended(JobState state) noexcept {
  return state != JobState::queued && state != JobState::running;
}

const JobStatus* find_job(const Status& status, std::string_view group) noexcept {
  return find_in(status.jobs, [group](const JobStatus& job) { return job.group == group; });
}

const ContestantStatus* find_contestant(const JobStatus& job, std::string_view name) noexcept {
  return find_in(job.contestants, [name](const ContestantStatus& one) { return one.name == name; });
}

}  // namespace wsbench::control::state
