#include "orchestrator/suite/preflight.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "client/transport/source.hpp"
#include "orchestrator/contestants/monitor.hpp"
#include "orchestrator/machine/description.hpp"
#include "orchestrator/machine/ports.hpp"
#include "orchestrator/util/quantities.hpp"
#include "orchestrator/util/suggest.hpp"

namespace wsbench::suite {

using config::Config;
using util::Finding;

namespace fs = std::filesystem;
using Level = Finding::Level;
using nlohmann::json;

namespace {

/// Files that are open beside the clients' sockets: database, logs, epoll, supervisord.
constexpr std::uint64_t kFilesBeside = 200;
/// What a stored event takes on disk at most, the write-ahead log included, until it is compacted.
constexpr double kBytesPerEvent = 12;

Finding finding(bool good, Level otherwise, std::string text, std::string_view what_to_do) {
  if (!good) text += fmt::format("; {}", what_to_do);
  return {good ? Level::ok : otherwise, std::move(text)};
}

Finding check_files(const client::Plan& plan) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto needed = plan.clients + kFilesBeside;
  const auto missing = needed > limit.rlim_max ? needed - limit.rlim_max : 0;
  return finding(
      missing == 0, Level::error,
      fmt::format("{} open files needed for {} client{}, {} allowed", util::format_count(needed),
                  util::format_count(plan.clients), plan.clients == 1 ? "" : "s",
                  util::format_count(limit.rlim_max)),
      fmt::format("{} are missing: raise the hard limit (`ulimit -Hn`, or competition/setup --tune), or use "
                  "fewer clients",
                  util::format_count(missing)));
}

Finding check_ports(const client::Plan& plan) {
  const auto ports = client::transport::local_ports();
  const auto addresses = std::max<std::uint64_t>(1, plan.source_addresses.size());
  const auto available = addresses * ports.size();
  const auto usable = client::transport::usable_ports(available);
  const auto missing = plan.clients > usable ? plan.clients - usable : 0;
  return finding(missing == 0, plan.clients > available ? Level::error : Level::warning,
                 fmt::format("{} ephemeral ports needed, {} to be had ({} on {} source address{})",
                             util::format_count(plan.clients), util::format_count(available),
                             ports.empty() ? "none" : fmt::format("{} to {}", ports.front(), ports.back()),
                             addresses, addresses == 1 ? "" : "es"),
                 fmt::format("{} are missing, a tenth being left to others: widen "
                             "net.ipv4.ip_local_port_range (competition/setup --tune does) or give more "
                             "source_addresses",
                             util::format_count(missing)));
}

Finding check_transport(const client::Plan& plan) {
  if (auto reason = client::transport::why_not(plan.transport)) return {Level::error, std::move(*reason)};
  const auto kind = client::transport::resolved(plan.transport);
  return {Level::ok, fmt::format("the load goes over {}", client::transport::name(kind))};
}

double expected_events(const client::Plan& plan, std::size_t turns) {
  const double clients = plan.clients;
  const double seconds = std::chrono::duration<double>(plan.warm_up + plan.measuring).count();
  // What a closed loop brings is not known beforehand: a fast server's 100,000 messages/s are assumed.
  const double rate = plan.mode == client::Mode::closed
                          ? 100000
                          : clients / std::chrono::duration<double>(plan.interval).count();
  return static_cast<double>(turns) * (2 * rate * seconds + 3 * clients);
}

Finding check_disk(const Config& config, const client::Plan& plan, std::size_t turns) {
  // The nearest folder that is there: db_root is made when the suite begins.
  auto folder = fs::absolute(config.db_root);
  std::error_code error;
  while (!fs::exists(folder, error) && folder.has_parent_path() && folder != folder.parent_path())
    folder = folder.parent_path();
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    return {Level::error, fmt::format("{}: {} is not a directory; choose another place",
                                      config.db_root.string(), folder.string())};
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return {Level::error,
            fmt::format("{}: {} cannot be written to ({}); choose another place", config.db_root.string(),
                        folder.string(), std::generic_category().message(errno))};
  const auto space = fs::space(folder, error);
  if (error) return {Level::error, fmt::format("{}: {}", config.db_root.string(), error.message())};
  const auto needed = static_cast<std::uint64_t>(expected_events(plan, turns) * kBytesPerEvent);
  return finding(
      space.available > needed, Level::error,
      fmt::format("about {} needed for the events of {} turn{} in {}, {} free", util::format_bytes(needed),
                  turns, turns == 1 ? "" : "s", config.db_root.string(), util::format_bytes(space.available)),
      "free some, or choose another place");
}

/// Leaves those in `names` that can run.
std::vector<Finding> check_installed(rpc::Supervisor& supervisor, std::vector<std::string>& names,
                                     bool all_listed) {
  std::vector<Finding> findings;
  std::vector<std::string> installed;
  for (const auto& name : names) {
    const auto info = contestants::contestant_info(supervisor, name);
    if (!info.is_object() || info.value("installed", true)) {
      installed.push_back(name);
      continue;
    }
    findings.push_back(
        {Level::warning, fmt::format("{} is not installed ({}): {}; competition/setup {} sets it up", name,
                                     all_listed ? "it will be left out" : "it will be reported as such",
                                     info.value("error", "its check failed"), name)});
  }
  findings.push_back(
      {installed.empty() ? Level::error : Level::ok,
       fmt::format("{} contestant{} can run{}{}", installed.size(), installed.size() == 1 ? "" : "s",
                   installed.empty() ? "" : ": ", fmt::join(installed, ", "))});
  names = std::move(installed);
  return findings;
}

std::vector<Finding> check_server_machine(const json& machine, const Config& config) {
  std::vector<Finding> findings;
  if (!machine.is_object()) return findings;
  findings.push_back({Level::ok, "contestants' machine: " + machine::describe_machine(machine)});
  if (machine.contains("files_soft") && machine["files_soft"].is_number()) {
    const auto files = machine["files_soft"].get<double>();
    findings.push_back(finding(
        files < 0 || files >= config.clients + static_cast<double>(kFilesBeside), Level::error,
        fmt::format("contestants may open {} files",
                    files < 0 ? "any number of" : util::format_count(static_cast<std::uint64_t>(files))),
        fmt::format("{} needed: raise the limit that supervisord is started with",
                    util::format_count(config.clients + kFilesBeside))));
  }
  const auto sysctls = machine.value("sysctls", json::object());
  if (sysctls.contains("net.core.somaxconn")) {
    const auto backlog = std::strtoul(sysctls["net.core.somaxconn"].get<std::string>().c_str(), nullptr, 10);
    findings.push_back(finding(backlog >= std::min<std::uint64_t>(config.ramp_per_second, config.clients),
                               Level::warning,
                               fmt::format("net.core.somaxconn of the contestants' machine is {}", backlog),
                               "less than a second's connections: raise it, or lower ramp_per_second"));
  }
  return findings;
}

}  // namespace

std::vector<Finding> check_client_machine(const Config& config, const client::Plan& plan, std::size_t turns) {
  std::vector<Finding> findings{check_files(plan), check_ports(plan), check_transport(plan)};
  if (turns > 0) findings.push_back(check_disk(config, plan, turns));
  if (!machine::resolves(config.host)) {
    findings.push_back(
        {Level::error,
         fmt::format("host {} cannot be resolved: correct the config, or /etc/hosts", config.host)});
  }
  for (const auto& address : plan.source_addresses) {
    if (!machine::is_local_address(address)) {
      findings.push_back(
          {Level::error,
           fmt::format("source address {} is not this machine's; add it to an interface", address)});
    }
  }
  const auto governor = machine::describe_this_machine().value("governor", "performance");
  if (governor != "performance") {
    findings.push_back(
        {Level::warning,
         fmt::format("the CPU governor is {}: clocks will vary; set it to performance", governor)});
  }
  return findings;
}

std::vector<Finding> check_contestants(rpc::Supervisor& supervisor, const Config& config,
                                       std::size_t& turns) {
  std::vector<Finding> findings;
  turns = 0;
  const auto version = supervisor.get_supervisor_version();
  const auto processes = supervisor.get_all_process_info();
  if (!version || !processes) {
    return {{Level::error, (version ? processes.error() : version.error()).message}};
  }
  findings.push_back(
      {Level::ok, fmt::format("supervisord {} answers, with {} programs", *version, processes->size())});
  const auto monitor = contestants::monitor_version(supervisor);
  if (config.monitor) {
    findings.push_back(
        finding(!monitor.empty(), Level::warning,
                monitor.empty() ? "supervisord has no wsbench monitor" : "monitor " + monitor,
                "memory, CPU and installed packages stay unknown; start it by competition/serve"));
  }
  std::vector<std::string> names;
  for (const auto& process : *processes) names.push_back(process.full_name());
  std::vector<std::string> wanted;
  for (const auto& server : config.servers) {
    if (std::find(names.begin(), names.end(), server) == names.end()) {
      const auto meant = util::nearest(server, names);
      findings.push_back(
          {Level::error, fmt::format("{} is no program of this supervisord{}", server,
                                     meant ? fmt::format("; did you mean {}?", *meant)
                                           : fmt::format("; it has {}", fmt::join(names, ", ")))});
    } else {
      wanted.push_back(server);
    }
  }
  const bool all_listed = config.servers.empty();
  if (all_listed) wanted = names;
  for (auto& finding : check_server_machine(contestants::machine_info(supervisor), config))
    findings.push_back(std::move(finding));
  for (auto& finding : check_installed(supervisor, wanted, all_listed))
    findings.push_back(std::move(finding));
  turns = wanted.size() * config.rounds;
  return findings;
}

}  // namespace wsbench::suite
