#pragma once

#include <cstdint>
#include <string>

#include "orchestrator/control/state/status.hpp"

namespace wsbench::control::api {

/// What wsbench itself uses of its machine.
struct ProcessUse {
  double cpu_seconds = 0;  ///< user + system, of all threads
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_files = 0;  ///< the soft limit
};

/// Of this process, now; what /proc does not tell is 0.
ProcessUse process_use();

/// The status in Prometheus' text format, version 0.0.4, by its conventions: base units, counters in _total,
/// cumulative histograms. Metrics of a load have the labels suite, contestant and round (from 0), and are
/// there while it runs. (prometheus.io/docs/instrumenting/exposition_formats, .../practices/naming)
std::string render_metrics(const state::Status& status, const ProcessUse& use);

inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace wsbench::control::api
