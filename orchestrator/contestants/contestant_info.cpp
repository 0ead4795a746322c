#include "orchestrator/contestants/contestant_info.hpp"

#include <nlohmann/json.hpp>

#include "orchestrator/contestants/monitor.hpp"

namespace wsbench::contestants {

using State = ContestantInfo::State;

namespace {

constexpr int kAttempts = 3;

State state_of(const nlohmann::json& answer) {
  if (!answer.is_object()) return State::unanswered;
  if (!answer.value("manifest", false))
    return answer.value("error", "").empty() ? State::no_contestant : State::broken;
  return answer.value("installed", false) ? State::installed : State::not_installed;
}

ContestantInfo info_from(const std::string& name, const nlohmann::json& answer) {
  ContestantInfo info;
  info.name = name;
  info.state = state_of(answer);
  if (!answer.is_object()) return info;
  info.error = answer.value("error", "");
  info.packages = answer.value("packages", std::vector<std::string>());
  info.version = answer.value("version", "");
  info.expected = answer.value("expected", Expectations());
  return info;
}

/// Whether its commands may have been ended for taking too long (competition/monitor says so in these words).
bool was_cut_short(const ContestantInfo& info) {
  if (info.state == State::installed) return info.version.empty();
  return info.state == State::not_installed && info.error.find("took more than") != std::string::npos;
}

}  // namespace

ContestantInfo query_contestant(rpc::Supervisor& supervisor, const std::string& name,
                                const std::stop_token& stop) {
  auto info = info_from(name, contestant_info(supervisor, name));
  for (int attempt = 1; attempt < kAttempts && was_cut_short(info) && !stop.stop_requested(); ++attempt) {
    info = info_from(name, contestant_info(supervisor, name));
  }
  return info;
}

}  // namespace wsbench::contestants
