#include "orchestrator/config/suite_keys.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "orchestrator/config/key_table.hpp"
#include "orchestrator/config/key_types.hpp"
#include "orchestrator/config/supervisord.hpp"
#include "orchestrator/config/text_rules.hpp"

namespace wsbench::config {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// JSON numbers beyond this are not exact in the tools that will read the results (RFC 8259, section 6).
constexpr std::uint64_t kLargestExact = (1ULL << 53U) - 1;
constexpr double kHour = 3600, kSevenDays = 7 * 24 * kHour;  // seconds
constexpr double kHourMs = 1000 * kHour;
constexpr double kSmallestMb = 0.001, kLargestMb = 1e9;

constexpr std::array<Spelling<client::Mode>, 2> kModes{
    {{client::Mode::open, "open"}, {client::Mode::closed, "closed"}}};
constexpr std::array<Spelling<client::Arrivals>, 2> kArrivals{
    {{client::Arrivals::uniform, "uniform"}, {client::Arrivals::exponential, "exponential"}}};
constexpr std::array<Spelling<client::transport::Kind>, 4> kTransports{
    {{client::transport::Kind::automatic, "auto"},
     {client::transport::Kind::io_uring, "io_uring"},
     {client::transport::Kind::epoll, "epoll"},
     {client::transport::Kind::asio, "asio"}}};
constexpr std::array<Spelling<Order>, 2> kOrders{{{Order::listed, "listed"}, {Order::shuffled, "shuffled"}}};

// Who else minds a key.
constexpr Use kLoad{.shapes_measurement = true, .is_in_test = true};
constexpr Use kSuite{.shapes_measurement = true, .is_in_test = false};
constexpr Use kVerdict{.shapes_measurement = false, .is_in_test = true};
constexpr Use kPlace{.shapes_measurement = false, .is_in_test = false};

const KeyTable<Thresholds>& threshold_keys() {
  using T = Thresholds;
  static const KeyTable<T> table{
      {"latency_p50_ms", number(&T::latency_p50_ms, kLeastDuration, kHourMs, "ms"), "none", kVerdict,
       "at most: the median latency, counted from when a message was due"},
      {"latency_p99_ms", number(&T::latency_p99_ms, kLeastDuration, kHourMs, "ms"), "none", kVerdict,
       "at most: the 99th percentile of the latency"},
      {"latency_p999_ms", number(&T::latency_p999_ms, kLeastDuration, kHourMs, "ms"), "none", kVerdict,
       "at most: the 99.9th percentile of the latency"},
      {"latency_max_ms", number(&T::latency_max_ms, kLeastDuration, kHourMs, "ms"), "none", kVerdict,
       "at most: the largest latency"},
      {"handshake_p99_ms", number(&T::handshake_p99_ms, kLeastDuration, kHourMs, "ms"), "none", kVerdict,
       "at most: the 99th percentile of the time to connect"},
      {"rss_mb", number(&T::rss_mb, kSmallestMb, kLargestMb, "MB"), "none", kVerdict,
       "at most: the largest resident memory of the contestant's processes (1 MB is 1,000,000 bytes)"},
      {"lost_ratio", fraction(&T::lost_ratio), "none", kVerdict,
       "at most: messages that never came back, of those sent"},
      {"established_ratio", fraction(&T::established_ratio), "none", kVerdict,
       "at least: clients that connected, of those that should have"},
  };
  return table;
}

using C = Config;
const KeyTable<C> kTable{
    {"$schema", ignored<C>(), "", kPlace, "for editors: where this schema is; wsbench ignores it"},
    {"host", text(&C::host, kHost), kRequired, kLoad,
     "the machine where the contestants listen: a host name or an IP address; with --local it is loopback"},
    {"port", otherwise(whole(&C::port, 1, 65535), C::kDefaultPort), "", kLoad,
     "the port where the contestants listen; with --local, unless given, one that is free"},
    {"db_root", text(&C::db_root, kPath), kRequired, kPlace,
     "the directory of the runs, created if absent; a relative path is relative to the working directory"},
    {"supervisord", supervisord_type(&C::supervisord), "localhost:9001", kPlace,
     "what starts and stops the contestants: an object, or a URL such as "
     "\"http://user:password@host:9001\" or \"unix:///run/supervisor.sock\""},
    {"servers", texts(&C::servers, kContestants), "all installed", kSuite,
     "the contestants as supervisord names them, in this order"},
    {"clients", whole(&C::clients, 1, 1'000'000), "", kLoad,
     "WebSocket clients that connect to each contestant"},
    {"seconds", seconds(&C::seconds, kSevenDays), "", kLoad,
     "how long each contestant is measured in each round"},
    {"mode", choice(&C::mode, kModes), "", kLoad,
     "open: every client sends on its own schedule, whatever comes back; closed: the next message when the "
     "last echo is back"},
    {"interval_ms", otherwise(milliseconds(&C::interval, kHourMs), C::kDefaultIntervalMs), "", kLoad,
     "mode \"open\" only: the mean time between two messages of a client"},
    {"arrivals", choice(&C::arrivals, kArrivals), "", kLoad,
     "mode \"open\" only: a client's messages come at even intervals, or at exponentially distributed ones "
     "(a Poisson process)"},
    {"payload_bytes", whole(&C::payload_bytes, 8, 1U << 20U, "bytes"), "", kLoad,
     "the size of a message; the client's and the message's number are in its first 8 bytes"},
    {"connect_timeout_ms", milliseconds(&C::connect_timeout, 600'000), "", kLoad,
     "how long a client waits for its handshake"},
    {"ramp_per_second", whole(&C::ramp_per_second, 1, 1'000'000, "per s"), "", kLoad,
     "how many clients begin to connect each second"},
    {"warmup", fraction(&C::warmup), "", kLoad,
     "load before the measurement, as a fraction of \"seconds\"; never counted"},
    {"rounds", whole(&C::rounds, 1, 1000), "", kSuite,
     "how often each contestant is started and measured; 5 tell ties from differences"},
    {"order", choice(&C::order, kOrders), "", kSuite,
     "the order of the contestants in a round: as listed, or shuffled anew in each round"},
    {"seed", whole(&C::seed, 0, kLargestExact), "", kLoad,
     "what the order, the clients' schedules and the payloads are drawn from"},
    {"path", text(&C::path, kRequestPath), "", kLoad, "the path of the WebSocket request"},
    {"source_addresses", texts(&C::source_addresses, kAddresses), "the system's choice", kLoad,
     "local IP addresses to connect from, in turn; each has about 28,000 ports"},
    {"threads", whole(&C::threads, 1, 256), "by CPUs and clients", kLoad,
     "threads that the clients are spread over"},
    {"transport", choice(&C::transport, kTransports), "", kLoad,
     "how the load's bytes are moved; auto: by io_uring where the kernel permits it, else by epoll"},
    {"start_timeout_seconds", seconds(&C::start_timeout, kHour), "", kSuite,
     "how long a contestant may take from its start to its first echo"},
    {"monitor", flag(&C::monitor), "", kSuite,
     "sample the contestant's memory, CPU time, threads, files and connections once a second"},
    {"calibrate", flag(&C::calibrate), "", kSuite,
     "run the same load against wsbench's own null echo server first: the floor of the instrument"},
    {"accept_invalid", flag(&C::accept_invalid), "", kVerdict,
     "invalid results are shown as such, without a rank, but leave the exit code alone: for smoke tests on "
     "busy machines"},
    {"thresholds", object(&C::thresholds, threshold_keys(), "{\"latency_p99_ms\": 50}"), "none", kVerdict,
     "limits that make the exit code 1 when a contestant misses one"},
    {"log_file", text(&C::log_file, kPath), "none", kPlace, "a file that gets the log as well as stderr"},
};

/// Refuses values that are good each by itself but not together.
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

/// The same rules for the schema.
ordered_json rules_together() {
  const ordered_json closed = {{"required", {"mode"}}, {"properties", {{"mode", {{"const", "closed"}}}}}};
  const ordered_json then = {{"properties", {{"interval_ms", false}, {"arrivals", {{"const", "uniform"}}}}}};
  return {{"allOf", ordered_json::array({{{"if", closed}, {"then", then}}})}};
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

Config read_config(const json& document, ConfigFindings& findings) {
  Config config;
  ObjectReader in(document, "", findings);
  read_keys(kTable, in, config);
  check_together(in, config);
  return config;
}

json to_json(const Config& config) {
  auto object = write_keys(kTable, config);
  if (config.mode == client::Mode::closed) object.erase("interval_ms");
  return object;
}

ConfigText suite_text(std::string_view text, const std::filesystem::path& file) {
  return {text, file, "a suite", list_keys(kTable)};
}

const std::vector<KeyInfo>& suite_keys() {
  static const std::vector<KeyInfo> keys = describe_keys(kTable);
  return keys;
}

std::string suite_schema() {
  return schema_file("wsbench suite",
                     "What a suite measures, and how. A file like this is given to `wsbench run`.",
                     suite_keys(), rules_together());
}

std::vector<std::string> differences(const json& one, const json& other) {
  const json defaults = to_json(Config{});
  const auto value_in = [&](const json& config, const std::string& key) {
    return config.contains(key) ? config.at(key) : defaults.value(key, json());
  };
  std::vector<std::string> keys;
  for (const auto& key : kTable) {
    const std::string name(key.name);
    if (key.use.shapes_measurement && value_in(one, name) != value_in(other, name)) keys.push_back(name);
  }
  // Keys of another version of wsbench's: what they mean is unknown here.
  for (const json* config : {&one, &other}) {
    for (const auto& [name, value] : config->items()) {
      const bool is_known = std::any_of(kTable.begin(), kTable.end(),
                                        [&name = name](const auto& key) { return key.name == name; });
      if (!is_known) keys.push_back(name);
    }
  }
  return keys;
}

}  // namespace wsbench::config
