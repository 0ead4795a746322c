#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands.hpp"
#include "orchestrator/commands/supervisord_access.hpp"
#include "orchestrator/contestant_files.hpp"
#include "orchestrator/monitor.hpp"

namespace wsbench::orchestrator {

namespace fs = std::filesystem;
using Level = PreflightFinding::Level;

namespace {

bool can_be_executed(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

/// Whether supervisord would find the program that a command begins with, which has no quotes here.
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

/// What a supervisord with these contestants says of them, which were found complete.
std::vector<PreflightFinding> ask_supervisord(const std::vector<std::string>& names) {
  SupervisordOptions where;
  where.local = true;
  auto access = SupervisordAccess::open(where);
  if (!access) return {{Level::error, access.error()}};
  const auto configs = access->supervisor().get_all_config_info();
  if (!configs) return {{Level::error, configs.error().message}};
  std::map<std::string, std::string> commands;
  for (const auto& config : *configs) commands[config.name] = config.command;

  std::vector<PreflightFinding> findings;
  for (const auto& name : names) {
    const auto info = contestant_info(access->supervisor(), name);
    if (!info.is_object()) {
      findings.push_back({Level::error, fmt::format("{}: supervisord has no word of it", name)});
    } else if (!info.value("manifest", false)) {
      findings.push_back({Level::error, fmt::format("{}: {}", name, info.value("error", ""))});
    } else if (!info.value("installed", false)) {
      const auto packages = info.value("packages", std::vector<std::string>());
      findings.push_back(
          {Level::warning,
           fmt::format(
               "{}: not installed: {}{}", name, info.value("error", ""),
               packages.empty() ? std::string() : fmt::format(" (needs {})", fmt::join(packages, " ")))});
    } else if (!is_there(commands[name])) {
      findings.push_back(
          {Level::error, fmt::format("{}: its command is not there, though its \"check\" is content: {}",
                                     name, commands[name])});
    } else {
      findings.push_back({Level::ok, fmt::format("{}: {}", name, info.value("version", ""))});
    }
  }
  return findings;
}

}  // namespace

int check_contestants_command(const CheckContestantsOptions& options) {
  const auto competition = find_competition();
  if (!competition) {
    fmt::print(stderr, "wsbench: {}\n", competition.error());
    return kInfrastructure;
  }
  std::vector<PreflightFinding> findings;
  std::vector<std::string> complete;
  for (const auto& name : options.contestants.empty() ? contestants_in(*competition) : options.contestants) {
    const auto wrong = check_contestant_files(*competition, name);
    findings.insert(findings.end(), wrong.begin(), wrong.end());
    if (wrong.empty()) complete.push_back(name);
  }
  if (!complete.empty()) {
    for (auto& finding : ask_supervisord(complete)) findings.push_back(std::move(finding));
  }
  fmt::print("{}", render(findings, ::isatty(STDOUT_FILENO) != 0));
  const bool bad = has_errors(findings);
  const auto able = std::count_if(findings.begin(), findings.end(),
                                  [](const PreflightFinding& finding) { return finding.level == Level::ok; });
  fmt::print("{}\n",
             bad ? std::string("incomplete: mend the errors above")
                 : fmt::format("complete: {} can be started here; `wsbench conformance` tries whether they "
                               "keep the rules",
                               able));
  return bad ? kContestantFailed : kSuccess;
}

}  // namespace wsbench::orchestrator
