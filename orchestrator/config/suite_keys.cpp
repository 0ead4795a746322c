#include "orchestrator/config/suite_keys.hpp"

#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/config/supervisord.hpp"
#include "orchestrator/config/text_rules.hpp"
#include "orchestrator/util/json_text.hpp"

namespace wsbench::config {

namespace {

using nlohmann::json;

// JSON numbers beyond this are not exact in the tools that will read the results (RFC 8259, section 6).
constexpr std::uint64_t kLargestExact = (1ULL << 53U) - 1;
constexpr double kSmallest = 0.001;
constexpr double kSevenDays = 7 * 24 * 3600;
constexpr double kHour = 3600;

template <typename T, typename U>
void assign(T& target, std::optional<U> value) {
  if (value) target = std::move(*value);
}

std::optional<std::chrono::nanoseconds> nanoseconds(std::optional<double> number,
                                                    std::chrono::nanoseconds unit) {
  if (!number) return std::nullopt;
  return std::chrono::nanoseconds(std::llround(*number * static_cast<double>(unit.count())));
}

/// Tells of the elements that `key` makes equal to an earlier one; empty ones are not compared.
template <typename Key>
void reject_duplicates(const std::vector<std::string>& texts, Key key, std::string_view pointer,
                       std::string_view advice, ConfigFindings& findings) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    const auto [first, is_new] = seen.emplace(key(texts[i]), i);
    if (is_new) continue;
    findings.add(fmt::format("{}/{}", pointer, i),
                 fmt::format("{} is there already, as {}/{}{}", util::in_quotes(texts[i]), pointer,
                             first->second, advice));
  }
}

void read_places(ObjectReader& in, Config& config, ConfigFindings& findings) {
  in.any("$schema");  // for editors; means nothing here
  in.require("host", "the name or the address of the machine where the contestants listen");
  assign(config.host, in.text("host", kHost));
  assign(config.port, in.integer<std::uint16_t>("port", 1, 65535));
  in.require("db_root", "the directory that gets a database for each run");
  assign(config.db_root, in.text("db_root", kPath));
  if (const json* value = in.any("supervisord")) config.supervisord = read_supervisord(*value, findings);
  assign(config.log_file, in.text("log_file", kPath));
  assign(config.source_addresses, in.texts("source_addresses", kAddress, 0, ""));
  reject_duplicates(config.source_addresses, canonical_address, "/source_addresses", "", findings);
}

void read_load(ObjectReader& in, Config& config) {
  assign(config.clients, in.integer<std::uint32_t>("clients", 1, 1'000'000));
  const auto second = std::chrono::seconds{1};
  const auto millisecond = std::chrono::milliseconds{1};
  assign(config.seconds, nanoseconds(in.number("seconds", kSmallest, kSevenDays), second));
  assign(config.mode, in.choice<client::Mode>("mode", kModes));
  assign(config.interval, nanoseconds(in.number("interval_ms", kSmallest, 1000 * kHour), millisecond));
  assign(config.arrivals, in.choice<client::Arrivals>("arrivals", kArrivals));
  assign(config.payload_bytes, in.integer<std::uint32_t>("payload_bytes", 8, 1U << 20U));
  if (const auto timeout = in.integer<std::uint32_t>("connect_timeout_ms", 1, 600'000)) {
    config.connect_timeout = std::chrono::milliseconds(*timeout);
  }
  assign(config.ramp_per_second, in.integer<std::uint32_t>("ramp_per_second", 1, 1'000'000));
  assign(config.warmup, in.number("warmup", 0, 1));
  assign(config.path, in.text("path", kRequestPath));
  assign(config.threads, in.integer<std::uint32_t>("threads", 1, 256));
  assign(config.transport, in.choice<client::transport::Kind>("transport", kTransports));
  assign(config.seed, in.integer<std::uint64_t>("seed", 0, kLargestExact));
}

void read_course(ObjectReader& in, Config& config, ConfigFindings& findings) {
  assign(config.servers,
         in.texts("servers", kContestant, 1,
                  "must name at least one contestant; to measure every contestant, leave the key out"));
  reject_duplicates(
      config.servers, [](const std::string& text) { return text; }, "/servers",
      "; to measure a contestant more than once, set \"rounds\"", findings);
  assign(config.rounds, in.integer<std::uint32_t>("rounds", 1, 1000));
  assign(config.order, in.choice<Order>("order", kOrders));
  if (const auto timeout = in.number("start_timeout_seconds", kSmallest, kHour)) {
    config.start_timeout = std::chrono::milliseconds(std::llround(*timeout * 1000));
  }
  assign(config.monitor, in.boolean("monitor"));
  assign(config.calibrate, in.boolean("calibrate"));
  assign(config.accept_invalid, in.boolean("accept_invalid"));
}

void read_thresholds(const json& value, Thresholds& thresholds, ConfigFindings& findings) {
  constexpr std::string_view kPointer = "/thresholds";
  if (!value.is_object()) {
    findings.add(
        std::string(kPointer),
        fmt::format("must be an object such as {{\"latency_p99_ms\": 50}}, not {}", describe(value)));
    return;
  }
  ObjectReader in(value, std::string(kPointer), findings);
  for (const ThresholdKey& key : kThresholdKeys) {
    const bool ratio = key.unit == ThresholdUnit::ratio;
    const double most = key.unit == ThresholdUnit::milliseconds ? 1000 * kHour : kLargestMegabytes;
    assign(thresholds.*key.member, ratio ? in.number(key.name, 0, 1) : in.number(key.name, kSmallest, most));
  }
  in.finish();
}

/// What each value allows but not both together.
void check_together(ObjectReader& in, const Config& config) {
  if (config.mode != client::Mode::closed) return;
  if (config.interval) {
    in.complain(
        "interval_ms",
        "has no meaning in mode \"closed\", where a client sends as soon as its last echo is back; take it "
        "out, or set mode \"open\"");
  }
  if (config.arrivals == client::Arrivals::exponential) {
    in.complain(
        "arrivals",
        "\"exponential\" has no meaning in mode \"closed\", where a client sends as soon as its last echo is "
        "back; take it out, or set mode \"open\"");
  }
}

}  // namespace

Config read_config(const json& document, ConfigFindings& findings) {
  Config config;
  ObjectReader in(document, "", findings);
  read_places(in, config, findings);
  read_load(in, config);
  read_course(in, config, findings);
  if (const json* value = in.any("thresholds")) read_thresholds(*value, config.thresholds, findings);
  in.finish();
  check_together(in, config);
  return config;
}

}  // namespace wsbench::config
