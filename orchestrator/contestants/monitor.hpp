#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "rpc/supervisor.hpp"
#include "store/event/sink.hpp"

// The monitor plug-in in the contestants' supervisord (competition/monitor): what only their machine can
// tell.

namespace wsbench::contestants {

/// What one sample told; absent: the plug-in could not tell.
struct ServerSample {
  event::Time time{};  ///< when it was asked for: what costs time to read comes last
  std::optional<std::int64_t> pid;
  std::optional<std::uint64_t> rss_bytes, connections;
  std::optional<std::chrono::nanoseconds>
      cpu;  ///< user and system, of the whole process tree since its start
};

/// Takes samples of one contestant's process tree and records each as `server` events. Used from one thread.
class Monitor {
 public:
  /// The shard number of its blocks: no shard of the load has it.
  static constexpr std::uint16_t kShard = 0xFFFF;

  Monitor(rpc::Supervisor& supervisor, std::string contestant, std::uint16_t round, event::Sink& sink);
  ~Monitor();  ///< submits what was sampled

  /// One call to the plug-in; none when it gave no sample (no plug-in, process gone). Failures are data that
  /// is missing, never a reason to end a measurement. The PSS is in the first sample of each phase, and in
  /// others as often as its cost allows.
  std::optional<ServerSample> sample(event::Phase phase);

  /// Samples that could not be recorded because the sink had no block.
  std::uint64_t lost_events() const noexcept { return lost_events_; }

 private:
  void record(const event::Event& event, event::Phase phase);
  void submit();

  rpc::Supervisor& supervisor_;
  const std::string contestant_;
  const std::uint16_t round_;
  event::Sink& sink_;
  std::unique_ptr<event::Block> block_;
  std::uint32_t next_block_ = 0;
  std::uint64_t lost_events_ = 0;
  std::optional<event::Phase> pss_phase_;  ///< in which the PSS was read last
  event::Time next_pss_{};
};

/// The plug-in's version; empty when supervisord has no such plug-in.
std::string monitor_version(rpc::Supervisor& supervisor);

/// wsbench.getMachineInfo and wsbench.getContestantInfo as JSON; null when they cannot be had.
nlohmann::json machine_info(rpc::Supervisor& supervisor);
nlohmann::json contestant_info(rpc::Supervisor& supervisor, const std::string& contestant);

}  // namespace wsbench::contestants
