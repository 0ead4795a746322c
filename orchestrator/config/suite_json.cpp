#include <cmath>

#include <nlohmann/json.hpp>

#include "orchestrator/config/suite_config.hpp"
#include "orchestrator/config/suite_keys.hpp"
#include "orchestrator/config/supervisord.hpp"
#include "orchestrator/config/text_rules.hpp"

namespace wsbench::config {

namespace {

using nlohmann::json;

/// 600 rather than 600.0.
json plain_number(double number) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::trunc(number) == number && std::abs(number) < kExact) return static_cast<std::int64_t>(number);
  return number;
}

json in_units(std::chrono::nanoseconds duration, std::chrono::nanoseconds unit) {
  return plain_number(static_cast<double>(duration.count()) / static_cast<double>(unit.count()));
}

template <typename Table, typename E>
std::string_view spelling(const Table& table, E value) noexcept {
  for (const auto& [candidate, word] : table) {
    if (candidate == value) return word;
  }
  return "unknown";
}

}  // namespace

std::string_view name(Order order) noexcept {
  return spelling(kOrders, order);
}
std::string_view name(client::Mode mode) noexcept {
  return spelling(kModes, mode);
}
std::string_view name(client::Arrivals arrivals) noexcept {
  return spelling(kArrivals, arrivals);
}

json to_json(const Config& config) {
  const std::chrono::nanoseconds second = std::chrono::seconds{1};
  const std::chrono::nanoseconds millisecond = std::chrono::milliseconds{1};
  json object = {
      {"host", config.host},
      {"port", config.effective_port()},
      {"db_root", config.db_root.string()},
      {"supervisord", supervisord_to_json(config.supervisord)},
      {"clients", config.clients},
      {"seconds", in_units(config.seconds, second)},
      {"payload_bytes", config.payload_bytes},
      {"connect_timeout_ms", in_units(config.connect_timeout, millisecond)},
      {"ramp_per_second", config.ramp_per_second},
      {"warmup", plain_number(config.warmup)},
      {"rounds", config.rounds},
      {"order", name(config.order)},
      {"seed", config.seed},
      {"path", config.path},
      {"mode", name(config.mode)},
      {"arrivals", name(config.arrivals)},
      {"source_addresses", config.source_addresses},
      {"transport", client::transport::name(config.transport)},
      {"start_timeout_seconds", in_units(config.start_timeout, second)},
      {"monitor", config.monitor},
      {"calibrate", config.calibrate},
      {"accept_invalid", config.accept_invalid},
      {"thresholds", json::object()},
  };
  if (config.mode == client::Mode::open)
    object["interval_ms"] = in_units(config.effective_interval(), millisecond);
  if (!config.servers.empty()) object["servers"] = config.servers;
  if (config.log_file) object["log_file"] = config.log_file->string();
  if (config.threads) object["threads"] = *config.threads;
  for (const ThresholdKey& key : kThresholdKeys) {
    if (const auto& limit = config.thresholds.*key.member)
      object["thresholds"][key.name] = plain_number(*limit);
  }
  return object;
}

}  // namespace wsbench::config
