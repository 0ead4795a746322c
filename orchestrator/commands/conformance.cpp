#include "orchestrator/commands/conformance.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/conformance/matrix.hpp"
#include "orchestrator/contestants/leftovers.hpp"
#include "orchestrator/contestants/monitor.hpp"
#include "orchestrator/machine/ports.hpp"
#include "orchestrator/suite/preflight.hpp"
#include "orchestrator/util/suggest.hpp"

namespace wsbench::commands {

using contestants::ContestantInfo;

namespace {

/// A line when a contestant begins and when it ends; on a terminal what is being tried just now, in between.
class Progress {
 public:
  explicit Progress(std::size_t total) : total_(total) {}

  void step(std::string_view contestant, std::string_view what) {
    if (terminal_) {
      fmt::print(stderr, "\r\033[K[{}/{}] {}: {} ", done_ + 1, total_, contestant, what);
      std::fflush(stderr);
    } else if (contestant != current_) {
      fmt::print(stderr, "[{}/{}] {}\n", done_ + 1, total_, contestant);
    }
    current_ = contestant;
  }

  void ended(const conformance::Conformance& contestant) {
    fmt::print(stderr, "{}[{}/{}] {}\n", terminal_ ? "\r\033[K" : "", ++done_, total_,
               conformance_line(contestant));
  }

 private:
  const std::size_t total_;
  std::size_t done_ = 0;
  std::string current_;
  const bool terminal_ = ::isatty(STDERR_FILENO) != 0;
};

/// Why one of these names is none of supervisord's, and the likely one; empty: all are.
std::string unknown_among(const std::vector<std::string>& wanted, const std::vector<std::string>& known) {
  for (const auto& name : wanted) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto likely = util::nearest(name, known);
    return fmt::format("there is no contestant {}{}", name,
                       likely ? fmt::format("; did you mean {}?", *likely)
                              : "; `wsbench servers` lists those that are there");
  }
  return {};
}

/// These programs as the plug-in knows them; with `only_contestants` without those that are none.
std::vector<ContestantInfo> inquire_all(rpc::Supervisor& supervisor, const std::vector<std::string>& names,
                                        bool only_contestants, const std::stop_token& stop) {
  const bool plugged = !contestants::monitor_version(supervisor).empty();
  if (!plugged && !only_contestants) {
    fmt::print(stderr,
               "supervisord has no wsbench plug-in: what the manifests expect, and what is installed, stays "
               "unknown\n");
  }
  std::vector<ContestantInfo> entrants;
  for (const auto& name : names) {
    if (stop.stop_requested()) break;
    ContestantInfo entrant;
    entrant.name = name;
    if (plugged) entrant = contestants::inquire(supervisor, name, stop);
    const bool is_none = entrant.state == ContestantInfo::State::unknown ||
                         entrant.state == ContestantInfo::State::no_contestant;
    if (!only_contestants || !is_none) entrants.push_back(std::move(entrant));
  }
  return entrants;
}

std::uint64_t files_allowed(rpc::Supervisor& supervisor) {
  const auto machine = contestants::machine_info(supervisor);
  if (machine.is_object() && machine.contains("files_soft") && machine["files_soft"].is_number()) {
    const auto files = machine["files_soft"].get<double>();
    if (files >= 0) return static_cast<std::uint64_t>(files);
  }
  return std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

int conformance_command(const ConformanceOptions& options, const std::stop_token& stop) {
  suite::raise_file_limit();
  auto where = options.supervisord;
  where.contestants_port = options.port;
  if (where.local) {
    const auto port = machine::free_port();
    if (!port) return fail(kInfrastructure, port.error());
    where.contestants_port = *port;
  }
  auto access = SupervisordAccess::open(where);
  if (!access) return fail(kInfrastructure, access.error());
  auto& supervisor = access->supervisor();
  const auto processes = supervisor.get_all_process_info();
  if (!processes) return fail(kInfrastructure, processes.error().message);
  std::vector<std::string> names;
  for (const auto& process : *processes) names.push_back(process.full_name());
  const auto unknown = unknown_among(options.contestants, names);
  if (!unknown.empty()) return fail(kUsage, unknown);
  const bool every = options.contestants.empty();
  if (!every) names = options.contestants;
  if (every) fmt::print(stderr, "asking supervisord about its {} programs\n", names.size());
  const auto entrants = inquire_all(supervisor, names, every, stop);
  if (stop.stop_requested()) return kInterrupted;
  if (entrants.empty()) {
    return fail(kInfrastructure,
                fmt::format("supervisord at {} has no contestants; one that has them is started with "
                            "competition/serve, or by --local",
                            access->endpoint().display()));
  }
  names.clear();
  for (const auto& entrant : entrants) names.push_back(entrant.name);
  const auto cleared =
      contestants::stop_leftovers(supervisor, names, [](auto line) { fmt::print(stderr, "{}\n", line); });
  if (!cleared) return fail(kInfrastructure, cleared.error().message);

  auto host = options.host.empty() ? access->endpoint().host : options.host;
  if (host.empty()) host = "127.0.0.1";  // behind a unix socket
  Progress progress(entrants.size());
  const conformance::ConformanceTask task{
      supervisor,
      {host, where.contestants_port, "/"},
      files_allowed(supervisor),
      stop,
      [&](auto contestant, auto what) { progress.step(contestant, what); }};
  std::vector<conformance::Conformance> contestants;
  std::string broken;
  for (const auto& entrant : entrants) {
    auto examined = examine(task, entrant);
    if (!examined) broken = examined.error().message;
    if (!broken.empty()) break;
    progress.ended(*examined);
    contestants.push_back(std::move(*examined));
    if (stop.stop_requested()) break;
  }

  if (options.json) {
    print_json(conformance_json(contestants));
  } else {
    fmt::print("\n{}", render_conformance(contestants, is_on_terminal()));
  }
  if (!broken.empty()) return fail(kInfrastructure, broken);
  if (stop.stop_requested()) return kInterrupted;
  return std::all_of(contestants.begin(), contestants.end(), conformance::conforms) ? kSuccess
                                                                                    : kContestantFailed;
}

}  // namespace wsbench::commands
