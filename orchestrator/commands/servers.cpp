#include "orchestrator/commands/servers.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/contestants/monitor.hpp"
#include "orchestrator/util/text_table.hpp"

namespace wsbench::commands {

using util::TextTable;

using nlohmann::json;

namespace {

std::string installed_text(const json& info) {
  if (!info.is_object() || !info.contains("installed")) return "unknown";
  if (info.value("installed", false)) return "yes";
  const auto packages = info.value("packages", std::vector<std::string>());
  return packages.empty() ? "no" : fmt::format("no: needs {}", fmt::join(packages, " "));
}

}  // namespace

int servers_command(const ServersOptions& options) {
  auto access = SupervisordAccess::open(options.supervisord);
  if (!access) return fail(kInfrastructure, access.error());
  const auto processes = access->supervisor().get_all_process_info();
  if (!processes) return fail(kInfrastructure, processes.error().message);
  TextTable table({{"contestant", TextTable::Align::left},
                   {"state", TextTable::Align::left},
                   {"version", TextTable::Align::left},
                   {"installed", TextTable::Align::left}});
  json listed = json::array();
  for (const auto& process : *processes) {
    const auto info = contestants::contestant_info(access->supervisor(), process.full_name());
    const auto version = info.is_object() ? info.value("version", "") : "";
    table.add({process.full_name(), std::string(rpc::name(process.state)), version, installed_text(info)});
    listed.push_back({{"name", process.full_name()},
                      {"state", rpc::name(process.state)},
                      {"pid", process.pid},
                      {"description", process.description},
                      {"contestant", info}});
  }
  if (options.json) {
    print_json(listed);
  } else {
    fmt::print("{}", table.render(is_on_terminal()));
  }
  return kSuccess;
}

}  // namespace wsbench::commands
