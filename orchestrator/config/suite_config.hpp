#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "client/plan.hpp"
#include "rpc/endpoint.hpp"

namespace wsbench::config {

enum class Order { listed, shuffled };

std::string_view name(Order order) noexcept;  ///< as the config spells it, like the two below
std::string_view name(client::Mode mode) noexcept;
std::string_view name(client::Arrivals arrivals) noexcept;

/// Limits that make a suite fail (exit code 1) when a contestant misses one; absent: not checked.
struct Thresholds {
  std::optional<double> latency_p50_ms, latency_p99_ms, latency_p999_ms, latency_max_ms;  ///< at most
  std::optional<double> handshake_p99_ms;                                                 ///< at most
  std::optional<double> rss_mb;             ///< at most, the peak
  std::optional<double> lost_ratio;         ///< lost / sent: at most, 0 to 1
  std::optional<double> established_ratio;  ///< established / requested: at least, 0 to 1
};

/// A suite file, checked: every value is in its range. What a key means and may be is its row in
/// suite_keys.cpp.
struct Config {
  static constexpr std::uint16_t kDefaultPort = 8000;
  static constexpr int kDefaultIntervalMs = 1000;

  /// The file's name without its ending: "small-scale". What could not be part of a supervisord name (spaces,
  /// colons, slashes) has become '-'.
  std::string name;
  std::string host;
  std::optional<std::uint16_t> port;  ///< as given; effective_port() has the default
  std::filesystem::path db_root;      ///< relative paths: to the working directory
  rpc::Endpoint supervisord;
  std::uint32_t clients = 10000;
  std::chrono::nanoseconds seconds = std::chrono::seconds{600};
  std::vector<std::string> servers;  ///< empty: every contestant that supervisord lists
  std::optional<std::filesystem::path> log_file;
  std::optional<std::chrono::nanoseconds> interval;  ///< an error together with mode closed
  std::uint32_t payload_bytes = 20;
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds{2};
  std::uint32_t ramp_per_second = 1000;
  double warmup = 0.1;  ///< fraction of `seconds`
  std::uint32_t rounds = 1;
  Order order = Order::listed;
  std::uint64_t seed = 1;
  std::string path = "/";
  client::Mode mode = client::Mode::open;
  client::Arrivals arrivals = client::Arrivals::uniform;
  std::vector<std::string> source_addresses;
  std::optional<std::uint32_t> threads;  ///< absent: chosen from the machine's CPUs and the number of clients
  client::transport::Kind transport = client::transport::Kind::automatic;
  std::chrono::nanoseconds start_timeout = std::chrono::seconds{30};
  bool monitor = true;
  bool calibrate = true;  ///< run the same load against the built-in null echo server first
  bool accept_invalid =
      false;  ///< invalid results are shown as such but do not fail the suite: for smoke tests
  Thresholds thresholds;

  std::uint16_t effective_port() const { return port.value_or(kDefaultPort); }
  std::chrono::nanoseconds effective_interval() const {
    return interval.value_or(std::chrono::milliseconds{kDefaultIntervalMs});
  }
};

struct ConfigError {
  /// One finding a line: "configs/x.json:12: /clints: unknown key; did you mean \"clients\"?". All findings
  /// of a file, not only the first, in the order of its lines. Never has a password in it.
  std::string message;
};

/// "key=value" pairs from the command line, applied in order before anything is checked. A key is one of the
/// file's, or "thresholds.latency_p99_ms" and the like for a member of an object. The value is JSON, or else
/// a string (for a key that holds a list: its elements, split at the commas); null takes the key out, so that
/// its default holds. What is wrong with one says "--set clients=-3" where a file and a line would stand.
using Overrides = std::vector<std::pair<std::string, std::string>>;

/// The name of the suite in that file: it becomes that of a directory and of a process group.
std::string suite_name(const std::filesystem::path& file);

/// Reads and checks a suite file. A password_env in it is looked up in the environment here.
tl::expected<Config, ConfigError> read_suite_file(const std::filesystem::path& file,
                                                  const Overrides& overrides = {});

/// The same from text; `file` is only for messages and for the suite's name.
tl::expected<Config, ConfigError> parse_config(std::string_view text, const std::filesystem::path& file,
                                               const Overrides& overrides = {});

/// The config as it goes into manifest and results: every key that has an effective value, the password left
/// out. Two configs measure the same when these are equal. It can be parsed again, and then gives the same.
nlohmann::json to_json(const Config& config);

}  // namespace wsbench::config
