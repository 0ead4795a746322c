#include "client/load/self_sampler.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <system_error>

namespace wsbench::client {

using event::Duration;
using event::Metric;
using event::Time;

namespace {

constexpr Duration kInterval = std::chrono::seconds{1};

Duration reading_of(clockid_t clock) noexcept {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

}  // namespace

std::optional<ThreadUse> parse_schedstat(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  Duration::rep cpu = 0, waited = 0;
  const auto [after_cpu, no_cpu] = std::from_chars(text.data(), end, cpu);
  if (no_cpu != std::errc() || after_cpu == end || *after_cpu != ' ') return std::nullopt;
  if (std::from_chars(after_cpu + 1, end, waited).ec != std::errc()) return std::nullopt;
  return ThreadUse{Duration(cpu), Duration(waited)};
}

std::optional<Duration> WallClockWatch::ahead() noexcept {
  constexpr int kReadings = 5;
  std::optional<Duration> found;
  Duration narrowest = kTolerance;
  for (int i = 0; i < kReadings; ++i) {
    const Duration before = reading_of(CLOCK_MONOTONIC);
    const Duration wall = reading_of(CLOCK_REALTIME);
    const Duration between = reading_of(CLOCK_MONOTONIC) - before;
    if (between >= narrowest) continue;
    narrowest = between;
    found = wall - before - between / 2;
  }
  return found;
}

Duration WallClockWatch::look(std::optional<Duration> ahead) noexcept {
  if (!ahead) return Duration::zero();
  if (!ahead_) ahead_ = ahead;
  const Duration moved = *ahead - *ahead_;
  if (std::chrono::abs(moved) <= kTolerance) return Duration::zero();
  ahead_ = ahead;
  return moved;
}

SelfSampler::~SelfSampler() {
  if (schedstat_ >= 0) ::close(schedstat_);
}

void SelfSampler::begin() noexcept {
  schedstat_ = ::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  next_ = Time{};
  sample();
}

void SelfSampler::sample() noexcept {
  if (next_ == Time::max()) return;
  const Time now = event::Clock::now();
  next_ = now + kInterval;
  std::array<char, 128> text;
  const ssize_t size = schedstat_ < 0 ? 0 : ::pread(schedstat_, text.data(), text.size(), 0);
  if (const auto use = parse_schedstat({text.data(), size > 0 ? static_cast<std::size_t>(size) : 0})) {
    run_queue_wait_ = use->run_queue_wait;
    record(now, Metric::cpu_nanoseconds, use->cpu);
    record(now, Metric::run_queue_wait_nanoseconds, use->run_queue_wait);
  }
  const Duration step = wall_clock_.look(WallClockWatch::ahead());
  if (step != Duration::zero()) record(now, Metric::wall_clock_step_nanoseconds, std::chrono::abs(step));
}

void SelfSampler::record(Time time, Metric metric, Duration value) noexcept {
  recorder_.record_sample({time, static_cast<std::uint64_t>(value.count()), shard_,
                           static_cast<std::uint32_t>(metric), event::Kind::instrument});
}

}  // namespace wsbench::client
