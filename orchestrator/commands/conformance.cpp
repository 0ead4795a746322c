#include "orchestrator/commands/conformance.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/conformance/examine.hpp"
#include "orchestrator/conformance/matrix.hpp"
#include "orchestrator/contestants/leftovers.hpp"
#include "orchestrator/contestants/monitor.hpp"
#include "orchestrator/machine/file_limit.hpp"
#include "orchestrator/machine/ports.hpp"
#include "orchestrator/util/suggest.hpp"
#include "orchestrator/util/terminal.hpp"

namespace wsbench::commands {

using contestants::ContestantInfo;

namespace {

/// Prints a line when a contestant begins and when it ends; on a terminal, in between, the rule being tried.
class ConformanceProgress {
 public:
  explicit ConformanceProgress(std::size_t total) : total_(total) {}

  void step(std::string_view contestant, std::string_view what) {
    if (line_.is_on_terminal()) {
      line_.show(fmt::format("[{}/{}] {}: {}", done_ + 1, total_, contestant, what));
    } else if (contestant != current_) {
      line_.print(fmt::format("[{}/{}] {}", done_ + 1, total_, contestant));
    }
    current_ = contestant;
  }

  void ended(const conformance::Conformance& contestant) {
    line_.print(fmt::format("[{}/{}] {}", ++done_, total_, conformance_line(contestant)));
  }

 private:
  const std::size_t total_;
  std::size_t done_ = 0;
  std::string current_;
  util::StatusLine line_{stderr};
};

/// Says which of the wanted names supervisord does not have, and the likely one; empty when it has them all.
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

/// What the plug-in knows of these programs; with `only_contestants`, programs that are no contestants are
/// left out.
std::vector<ContestantInfo> query_all(rpc::Supervisor& supervisor, const std::vector<std::string>& names,
                                      bool only_contestants, const std::stop_token& stop) {
  const bool plugged = !contestants::monitor_version(supervisor).empty();
  if (!plugged && !only_contestants) {
    fmt::print(
        stderr,
        "supervisord has no wsbench plug-in, so neither what is installed nor what the manifests expect "
        "is known\n");
  }
  std::vector<ContestantInfo> infos;
  for (const auto& name : names) {
    if (stop.stop_requested()) break;
    ContestantInfo info;
    info.name = name;
    if (plugged) info = contestants::query_contestant(supervisor, name, stop);
    const bool is_none =
        info.state == ContestantInfo::State::unknown || info.state == ContestantInfo::State::no_contestant;
    if (!only_contestants || !is_none) infos.push_back(std::move(info));
  }
  return infos;
}

std::uint64_t files_allowed(rpc::Supervisor& supervisor) {
  const auto machine = contestants::machine_info(supervisor);
  if (machine.is_object() && machine.contains("files_soft") && machine["files_soft"].is_number()) {
    const auto files = machine["files_soft"].get<double>();
    if (files >= 0) return static_cast<std::uint64_t>(files);
  }
  return std::numeric_limits<std::uint64_t>::max();
}

/// The contestants that the user names, or all that supervisord has, each of them stopped. The error is an
/// exit code, whose message has been printed.
tl::expected<std::vector<ContestantInfo>, int> contestants_to_examine(SupervisordAccess& access,
                                                                      const std::vector<std::string>& wanted,
                                                                      const std::stop_token& stop) {
  auto& supervisor = access.supervisor();
  const auto failed = [](ExitCode code, std::string_view why) { return tl::unexpected(fail(code, why)); };
  const auto processes = supervisor.get_all_process_info();
  if (!processes) return failed(kInfrastructure, processes.error().message);
  std::vector<std::string> names;
  for (const auto& process : *processes) names.push_back(process.full_name());
  const auto unknown = unknown_among(wanted, names);
  if (!unknown.empty()) return failed(kUsage, unknown);
  const bool every = wanted.empty();
  if (!every) names = wanted;
  if (every) fmt::print(stderr, "asking supervisord about its {} programs\n", names.size());
  auto infos = query_all(supervisor, names, every, stop);
  if (stop.stop_requested()) return tl::unexpected(static_cast<int>(kInterrupted));
  if (infos.empty()) {
    return failed(kInfrastructure,
                  fmt::format("supervisord at {} has no contestants; competition/serve starts one that has "
                              "them, and so does --local",
                              access.endpoint().display()));
  }
  names.clear();
  for (const auto& info : infos) names.push_back(info.name);
  const auto stopped =
      contestants::stop_leftovers(supervisor, names, [](auto line) { fmt::print(stderr, "{}\n", line); });
  if (!stopped) return failed(kInfrastructure, stopped.error().message);
  return infos;
}

}  // namespace

int conformance_command(const ConformanceOptions& options, const std::stop_token& stop) {
  machine::raise_file_limit();
  auto where = options.supervisord;
  where.contestants_port = options.port;
  if (where.local) {
    const auto port = machine::free_port();
    if (!port) return fail(kInfrastructure, port.error());
    where.contestants_port = *port;
  }
  auto access = SupervisordAccess::open(where);
  if (!access) return fail(kInfrastructure, access.error());
  const auto infos = contestants_to_examine(*access, options.contestants, stop);
  if (!infos) return infos.error();

  auto host = options.host.empty() ? access->endpoint().host : options.host;
  if (host.empty()) host = "127.0.0.1";  // behind a unix socket
  ConformanceProgress progress(infos->size());
  const conformance::ExaminationContext context{
      .supervisor = access->supervisor(),
      .target = {host, where.contestants_port, "/"},
      .server_files = files_allowed(access->supervisor()),
      .stop = stop,
      .on_step = [&](auto contestant, auto what) { progress.step(contestant, what); }};
  std::vector<conformance::Conformance> examined;
  std::string broken;
  for (const auto& info : *infos) {
    auto one = examine(context, info);
    if (!one) broken = one.error().message;
    if (!broken.empty()) break;
    progress.ended(*one);
    examined.push_back(std::move(*one));
    if (stop.stop_requested()) break;
  }

  if (options.json) {
    print_json(conformance_json(examined));
  } else {
    fmt::print("\n{}", render_conformance(examined, is_on_terminal()));
  }
  if (!broken.empty()) return fail(kInfrastructure, broken);
  if (stop.stop_requested()) return kInterrupted;
  return std::all_of(examined.begin(), examined.end(), conformance::conforms) ? kSuccess : kContestantFailed;
}

}  // namespace wsbench::commands
