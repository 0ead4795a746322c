#include "orchestrator/contestants/contestant_info.hpp"

#include <nlohmann/json.hpp>

#include "orchestrator/contestants/monitor.hpp"

namespace wsbench::contestants {

using State = ContestantInfo::State;

namespace {

constexpr int kAttempts = 3;

State state_of(const nlohmann::json& info) {
  if (!info.is_object()) return State::unanswered;
  if (!info.value("manifest", false))
    return info.value("error", "").empty() ? State::no_contestant : State::broken;
  return info.value("installed", false) ? State::installed : State::not_installed;
}

ContestantInfo entrant_from(const std::string& name, const nlohmann::json& info) {
  ContestantInfo entrant;
  entrant.name = name;
  entrant.state = state_of(info);
  if (!info.is_object()) return entrant;
  entrant.error = info.value("error", "");
  entrant.packages = info.value("packages", std::vector<std::string>());
  entrant.version = info.value("version", "");
  entrant.expected = info.value("expected", Expectations());
  return entrant;
}

/// Whether its commands may have been ended for taking too long (competition/monitor says so in these words).
bool was_cut_short(const ContestantInfo& entrant) {
  if (entrant.state == State::installed) return entrant.version.empty();
  return entrant.state == State::not_installed && entrant.error.find("took more than") != std::string::npos;
}

}  // namespace

ContestantInfo inquire(rpc::Supervisor& supervisor, const std::string& name, const std::stop_token& stop) {
  auto entrant = entrant_from(name, contestant_info(supervisor, name));
  for (int attempt = 1; attempt < kAttempts && was_cut_short(entrant) && !stop.stop_requested(); ++attempt) {
    entrant = entrant_from(name, contestant_info(supervisor, name));
  }
  return entrant;
}

}  // namespace wsbench::contestants
