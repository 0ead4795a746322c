#include "orchestrator/contestants/monitor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "orchestrator/util/rpc_json.hpp"

namespace wsbench::contestants {

using nlohmann::json;
using namespace std::chrono_literals;

namespace {

struct Field {
  const char* name;
  event::Metric metric;
  double scale;  ///< from the plug-in's unit to the metric's
};

constexpr std::array<Field, 11> kFields{{
    {"pid", event::Metric::pid, 1},
    {"rss_kib", event::Metric::rss_bytes, 1024},
    {"pss_kib", event::Metric::pss_bytes, 1024},
    {"cpu_seconds", event::Metric::cpu_nanoseconds, 1e9},
    {"threads", event::Metric::threads, 1},
    {"files", event::Metric::files, 1},
    {"connections", event::Metric::connections, 1},
    {"processes", event::Metric::processes, 1},
    {"run_queue_wait_seconds", event::Metric::run_queue_wait_nanoseconds, 1e9},
    {"machine_steal_seconds", event::Metric::machine_steal_nanoseconds, 1e9},
    {"machine_cpu_seconds", event::Metric::machine_cpu_nanoseconds, 1e9},
}};

/// Larger numbers, and what is no number, do not fit into an event's value.
constexpr double kLargest = 9e18;

/// To read the PSS of large processes takes tens of milliseconds of their machine's CPU time: at most a
/// hundredth of it is spent so.
constexpr double kRestAfterPss = 100;

/// A member that is a number; none when it is absent or anything else.
std::optional<double> number(const rpc::Value& sample, const char* name) {
  const auto* value = sample.member(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* integer = value->get_if<std::int64_t>()) return static_cast<double>(*integer);
  if (const auto* real = value->get_if<double>()) return *real;
  return std::nullopt;
}

/// When the PSS may be read again. A plug-in before 1.1 does not tell what it cost: in the next phase.
event::Time next_pss(event::Time read, std::optional<double> seconds) {
  constexpr double kAnHour = 3600;
  if (!seconds || !(*seconds >= 0)) return event::Time::max();
  const std::chrono::duration<double> rest(std::min(kRestAfterPss * *seconds, kAnHour));
  return read + std::chrono::duration_cast<event::Duration>(rest);
}

void note(ServerSample& sample, event::Metric metric, std::int64_t value) {
  if (metric == event::Metric::pid) sample.pid = value;
  if (metric == event::Metric::rss_bytes) sample.rss_bytes = static_cast<std::uint64_t>(value);
  if (metric == event::Metric::cpu_nanoseconds) sample.cpu = std::chrono::nanoseconds(value);
  if (metric == event::Metric::connections) sample.connections = static_cast<std::uint64_t>(value);
}

json call(rpc::Supervisor& supervisor, std::string_view method, rpc::Array params) {
  // The plug-in runs the contestant's own check and version commands for this.
  const auto answer = supervisor.call(method, std::move(params), 30s);
  return answer ? util::json_from_value(*answer) : json(nullptr);
}

}  // namespace

Monitor::Monitor(rpc::Supervisor& supervisor, std::string contestant, std::uint16_t round, event::Sink& sink)
    : supervisor_(supervisor), contestant_(std::move(contestant)), round_(round), sink_(sink) {}

Monitor::~Monitor() {
  submit();
}

std::optional<ServerSample> Monitor::sample(event::Phase phase) {
  ServerSample sample;
  sample.time = event::Clock::now();
  const bool with_pss = phase != pss_phase_ || sample.time >= next_pss_;
  const auto answer = supervisor_.call("wsbench.sample", {contestant_, with_pss}, 2s);
  if (!answer || answer->get_if<rpc::Struct>() == nullptr) return std::nullopt;
  if (with_pss) {
    pss_phase_ = phase;
    next_pss_ = next_pss(sample.time, number(*answer, "pss_read_seconds"));
  }
  for (const auto& field : kFields) {
    const auto told = number(*answer, field.name);
    // -1 connections are those that the kernel did not tell, and a PSS of 0 was not read.
    if (!told || !(*told >= 0 && *told * field.scale <= kLargest)) continue;
    if (*told == 0 && field.metric == event::Metric::pss_bytes) continue;
    const auto value = std::llround(*told * field.scale);
    note(sample, field.metric, value);
    record({sample.time, static_cast<std::uint64_t>(value), static_cast<std::uint32_t>(field.metric), 0,
            event::Kind::server},
           phase);
  }
  submit();
  return sample;
}

void Monitor::record(const event::Event& event, event::Phase phase) {
  if (!block_) {
    block_ = sink_.acquire();
    if (!block_) {
      ++lost_events_;
      return;
    }
    block_->info = {round_, phase, 0, kShard, next_block_++};
  }
  block_->append(event);
}

void Monitor::submit() {
  if (block_ && !block_->empty()) sink_.submit(std::move(block_));
  block_.reset();
}

std::string monitor_version(rpc::Supervisor& supervisor) {
  const auto answer = call(supervisor, "wsbench.getMonitorVersion", {});
  return answer.is_string() ? answer.get<std::string>() : std::string();
}

json machine_info(rpc::Supervisor& supervisor) {
  return call(supervisor, "wsbench.getMachineInfo", {});
}

json contestant_info(rpc::Supervisor& supervisor, const std::string& contestant) {
  return call(supervisor, "wsbench.getContestantInfo", {contestant});
}

}  // namespace wsbench::contestants
