#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator/config/object_reader.hpp"
#include "orchestrator/config/suite_config.hpp"

// What the texts of a suite file must be, and which thresholds there are.

namespace wsbench::config {

extern const TextRule kHost;         ///< a host name, an IPv4 or an IPv6 address
extern const TextRule kPath;         ///< of a file or a directory
extern const TextRule kAddress;      ///< an IPv4 or IPv6 address
extern const TextRule kRequestPath;  ///< of an HTTP request, RFC 9112 section 3.2.1
extern const TextRule kContestant;   ///< a program of supervisord's
extern const TextRule kSocketPath;   ///< of a unix socket
extern const TextRule kUser;         ///< of HTTP basic authentication, RFC 7617
extern const TextRule kVariable;     ///< of the environment

/// The address's bytes: equal for all spellings of one address. Precondition: it is one.
std::string canonical_address(const std::string& address);

enum class ThresholdUnit { milliseconds, megabytes, ratio };

struct ThresholdKey {
  std::string_view name;
  std::optional<double> Thresholds::*member;
  ThresholdUnit unit;
};

constexpr double kLargestMegabytes = 1e9;

constexpr std::array<ThresholdKey, 8> kThresholdKeys{{
    {"latency_p50_ms", &Thresholds::latency_p50_ms, ThresholdUnit::milliseconds},
    {"latency_p99_ms", &Thresholds::latency_p99_ms, ThresholdUnit::milliseconds},
    {"latency_p999_ms", &Thresholds::latency_p999_ms, ThresholdUnit::milliseconds},
    {"latency_max_ms", &Thresholds::latency_max_ms, ThresholdUnit::milliseconds},
    {"handshake_p99_ms", &Thresholds::handshake_p99_ms, ThresholdUnit::milliseconds},
    {"rss_mb", &Thresholds::rss_mb, ThresholdUnit::megabytes},
    {"lost_ratio", &Thresholds::lost_ratio, ThresholdUnit::ratio},
    {"established_ratio", &Thresholds::established_ratio, ThresholdUnit::ratio},
}};

}  // namespace wsbench::config
