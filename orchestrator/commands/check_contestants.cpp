#include "orchestrator/commands/check_contestants.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/commands/supervisord_access.hpp"
#include "orchestrator/conformance/contestant_files.hpp"
#include "orchestrator/contestants/contestant_info.hpp"

namespace wsbench::commands {

using contestants::ContestantInfo;
using util::Finding;

namespace fs = std::filesystem;
using Level = Finding::Level;

namespace {

bool can_be_executed(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

/// Whether supervisord would find the program that a command begins with. Assumes a command without quotes.
bool is_there(const std::string& command) {
  const auto program = command.substr(0, command.find(' '));
  if (program.find('/') != std::string::npos) return can_be_executed(program);
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (can_be_executed(fs::path(folder) / program)) return true;
  }
  return false;
}

/// What the plug-in says about a contestant whose files are complete.
Finding installed_finding(const ContestantInfo& info, const std::string& command) {
  const auto& name = info.name;
  switch (info.state) {
    case ContestantInfo::State::unknown:
    case ContestantInfo::State::unanswered:
    case ContestantInfo::State::no_contestant:
      return {Level::error, fmt::format("{}: supervisord does not know it", name)};
    case ContestantInfo::State::broken:
      return {Level::error, fmt::format("{}: {}", name, info.error)};
    case ContestantInfo::State::not_installed:
      return {Level::warning,
              fmt::format("{}: not installed: {}{}", name, info.error,
                          info.packages.empty() ? std::string()
                                                : fmt::format(" (needs {})", fmt::join(info.packages, " ")))};
    case ContestantInfo::State::installed:
      break;
  }
  if (!is_there(command)) {
    return {Level::error,
            fmt::format("{}: its command does not exist, although its \"check\" passes: {}", name, command)};
  }
  if (info.version.empty()) return {Level::error, fmt::format("{}: its \"version\" prints nothing", name)};
  return {Level::ok, fmt::format("{}: {}", name, info.version)};
}

/// Prints each finding as it comes.
class FindingPrinter {
 public:
  void add(const Finding& finding) {
    fmt::print("{}", util::render({finding}, colour_));
    std::fflush(stdout);
    if (finding.level == Level::error) bad_ = true;
    if (finding.level == Level::ok) ++able_;
  }

  int conclude() const {
    fmt::print("{}\n",
               bad_ ? std::string("incomplete: correct the errors above")
                    : fmt::format("complete: {} can be started here; `wsbench conformance` tries whether "
                                  "they keep the rules",
                                  able_));
    return bad_ ? kContestantFailed : kSuccess;
  }

 private:
  const bool colour_ = is_on_terminal();
  bool bad_ = false;
  int able_ = 0;
};

/// Starts a supervisord and asks it about contestants whose files are complete, until a stop is requested.
void ask_supervisord(const std::vector<std::string>& names, FindingPrinter& findings,
                     const std::stop_token& stop) {
  SupervisordOptions where;
  where.local = true;
  auto access = SupervisordAccess::open(where);
  if (!access) return findings.add({Level::error, access.error()});
  const auto configs = access->supervisor().get_all_config_info();
  if (!configs) return findings.add({Level::error, configs.error().message});
  std::map<std::string, std::string> commands;
  for (const auto& config : *configs) commands[config.name] = config.command;
  for (const auto& name : names) {
    const auto info = contestants::query_contestant(access->supervisor(), name, stop);
    if (stop.stop_requested()) return;
    findings.add(installed_finding(info, commands[name]));
  }
}

}  // namespace

int check_contestants_command(const CheckContestantsOptions& options, const std::stop_token& stop) {
  const auto competition = contestants::find_competition();
  if (!competition) return fail(kInfrastructure, competition.error());
  FindingPrinter findings;
  std::vector<std::string> complete;
  for (const auto& name :
       options.contestants.empty() ? conformance::contestants_in(*competition) : options.contestants) {
    const auto wrong = conformance::check_contestant_files(*competition, name);
    for (const auto& finding : wrong) findings.add(finding);
    if (wrong.empty()) complete.push_back(name);
  }
  if (!complete.empty() && !stop.stop_requested()) ask_supervisord(complete, findings, stop);
  return stop.stop_requested() ? kInterrupted : findings.conclude();
}

}  // namespace wsbench::commands
