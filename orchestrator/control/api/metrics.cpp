#include "orchestrator/control/api/metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "orchestrator/control/api/exposition.hpp"

namespace wsbench::control::api {

using state::JobState;
using state::Live;
using state::Status;

namespace {

using Type = Exposition::Type;

void write_suites(Exposition& out, const Status& status) {
  out.family("wsbench_build_info", Type::gauge, "Always 1; the labels tell which wsbench answers.");
  out.sample({{"version", status.version}}, 1);

  out.family("wsbench_jobs", Type::gauge, "Suites that wait or run, and the last ended one of each name.");
  for (const auto state :
       {JobState::queued, JobState::running, JobState::complete, JobState::cancelled, JobState::failed}) {
    const auto count = std::count_if(status.jobs.begin(), status.jobs.end(),
                                     [state](const state::JobStatus& job) { return job.state == state; });
    out.sample({{"state", std::string(name(state))}}, static_cast<double>(count));
  }

  out.family("wsbench_turns_total", Type::counter,
             "Turns of contestants that have ended since wsbench began.");
  const auto& turns = status.turns;
  const std::array<std::pair<const char*, std::uint64_t>, 5> outcomes{{{"completed", turns.completed},
                                                                       {"failed", turns.failed},
                                                                       {"not_installed", turns.not_installed},
                                                                       {"cancelled", turns.cancelled},
                                                                       {"skipped", turns.skipped}}};
  for (const auto& [outcome, count] : outcomes) {
    out.sample({{"outcome", outcome}}, static_cast<double>(count));
  }

  out.family("wsbench_messages_sent_total", Type::counter, "Messages sent by all loads since wsbench began.");
  out.sample({}, static_cast<double>(status.messages_sent));
  out.family("wsbench_messages_received_total", Type::counter,
             "Echoes received by all loads since wsbench began.");
  out.sample({}, static_cast<double>(status.messages_received));
}

Labels labels_of(const Status& status, const Live& live) {
  const auto* job = find_job(status, live.group);
  return {{"suite", job == nullptr ? live.group : job->suite},
          {"contestant", live.contestant},
          {"round", fmt::format("{}", live.round)}};
}

void write_load(Exposition& out, const Live& live, const Labels& labels) {
  out.family("wsbench_load_info", Type::gauge,
             "Always 1 while a contestant is loaded; the phase tells where that is.");
  auto with_phase = labels;
  with_phase.emplace_back("phase", event::name(live.totals.phase));
  out.sample(with_phase, 1);
  out.family("wsbench_requested_connections", Type::gauge, "Clients that the load is to have.");
  out.sample(labels, live.requested);
  out.family("wsbench_open_connections", Type::gauge, "Clients that are connected.");
  out.sample(labels, live.totals.open);
  out.family("wsbench_message_latency_seconds", Type::histogram,
             "From when a message was due until its echo was read, of measured messages.");
  out.histogram(labels, live.totals.latency, live.latency_sum);
  out.family("wsbench_client_lag_seconds", Type::histogram,
             "From when a message was due until it was sent: the client's own lag, of measured messages.");
  out.histogram(labels, live.totals.lag, live.lag_sum);
}

/// What the monitor sampled, where there is one.
void write_contestant(Exposition& out, const Live& live, const Labels& labels) {
  const auto sampled =
      std::find_if(live.points.rbegin(), live.points.rend(),
                   [](const state::LivePoint& point) { return point.rss_bytes.has_value(); });
  if (sampled == live.points.rend()) return;
  out.family("wsbench_contestant_resident_memory_bytes", Type::gauge,
             "RSS of the contestant's process tree.");
  out.sample(labels, static_cast<double>(*sampled->rss_bytes));
  out.family("wsbench_contestant_cpu_seconds_total", Type::counter,
             "CPU time of the contestant's process tree since it started.");
  out.sample(labels, live.cpu_seconds);
  if (!sampled->connections) return;
  out.family("wsbench_contestant_open_connections", Type::gauge,
             "Established connections on the contestant's port, as its machine counts them.");
  out.sample(labels, static_cast<double>(*sampled->connections));
}

void write_process(Exposition& out, const Status& status, const ProcessUse& use) {
  out.family("process_cpu_seconds_total", Type::counter, "CPU time of wsbench itself, user and system.");
  out.sample({}, use.cpu_seconds);
  out.family("process_resident_memory_bytes", Type::gauge, "RSS of wsbench itself.");
  out.sample({}, static_cast<double>(use.resident_bytes));
  out.family("process_open_fds", Type::gauge, "File descriptors that wsbench itself has open.");
  out.sample({}, static_cast<double>(use.open_files));
  out.family("process_max_fds", Type::gauge, "File descriptors that wsbench itself may have open.");
  out.sample({}, static_cast<double>(use.max_files));
  out.family("process_start_time_seconds", Type::gauge, "When wsbench began, in seconds since 1970.");
  out.sample({}, std::chrono::duration<double>(status.started.time_since_epoch()).count());
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessUse process_use() {
  ProcessUse use;
  rusage total{};
  if (::getrusage(RUSAGE_SELF, &total) == 0)
    use.cpu_seconds = seconds(total.ru_utime) + seconds(total.ru_stime);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) use.max_files = limit.rlim_cur;
  std::uint64_t size = 0, resident_pages = 0;
  std::ifstream("/proc/self/statm") >> size >> resident_pages;
  use.resident_bytes = resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  // Less the one that the listing itself has open.
  if (!error) use.open_files = static_cast<std::uint64_t>(std::distance(begin(files), end(files))) - 1;
  return use;
}

std::string render_metrics(const Status& status, const ProcessUse& use) {
  Exposition out;
  write_suites(out, status);
  if (status.live) {
    const auto labels = labels_of(status, *status.live);
    write_load(out, *status.live, labels);
    write_contestant(out, *status.live, labels);
  }
  write_process(out, status, use);
  return out.text();
}

}  // namespace wsbench::control::api
