#include "orchestrator/results/results_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/results/gates.hpp"
#include "orchestrator/results/ranking.hpp"

namespace wsbench::results {

using nlohmann::json;

namespace {

constexpr int kSchemaVersion = 1;

json standing_json(const RankedContestant& s) {
  const auto ns = [](const std::optional<Nanoseconds>& value) {
    return value ? json(value->count()) : json(nullptr);
  };
  return {{"contestant", s.name},
          {"rank", s.rank ? json(*s.rank) : json(nullptr)},
          {"state", name(s.state)},
          {"note", s.note},
          {"holds_load", s.holds_load},
          {"rounds_measured", s.valid_rounds},
          {"requested", s.requested},
          {"established", s.established},
          {"connection_timeouts", s.timeouts},
          {"due", s.due},
          {"sent", s.sent},
          {"received", s.received},
          {"lost", s.lost},
          {"reordered", s.reordered},
          {"altered", s.altered},
          {"duplicated", s.duplicated},
          {"foreign", s.foreign},
          {"stuck_clients", s.stuck_clients ? json(*s.stuck_clients) : json(nullptr)},
          {"waiting_share", s.waiting_share ? json(*s.waiting_share) : json(nullptr)},
          {"message_rate", s.message_rate},
          {"latency_p50_ns", ns(s.latency.p50)},
          {"latency_p95_ns", ns(s.latency.p95)},
          {"latency_p99_ns", ns(s.latency.p99)},
          {"latency_p999_ns", ns(s.latency.p999)},
          {"latency_max_ns", ns(s.latency.max)},
          {"latency_mean_at_least_ns", ns(s.latency.mean_at_least)},
          {"quantiles_exact", s.latency.exact},
          {"handshake_p50_ns", ns(s.handshake.p50)},
          {"handshake_p99_ns", ns(s.handshake.p99)},
          {"client_lag_p99_ns", ns(s.lag_p99)},
          {"rss_peak_bytes", s.rss_peak_bytes ? json(*s.rss_peak_bytes) : json(nullptr)},
          {"cpu_share", s.cpu_share ? json(*s.cpu_share) : json(nullptr)}};
}

}  // namespace

json results_json(const SuiteResult& suite) {
  const auto& m = suite.manifest;
  const auto mode = m.config.value("mode", "open") == "closed" ? client::Mode::closed : client::Mode::open;
  json ranking = json::array();
  for (const auto& standing : rank(suite.contestants, mode)) ranking.push_back(standing_json(standing));
  json contestants = json::array();
  for (const auto& contestant : suite.contestants) {
    json rounds = json::array();
    for (const auto& round : contestant.rounds) rounds.push_back(to_json(round));
    contestants.push_back({{"name", contestant.name},
                           {"language", contestant.language},
                           {"platform", contestant.platform},
                           {"version", contestant.version},
                           {"rounds", std::move(rounds)}});
  }
  return {{"schema_version", kSchemaVersion},
          {"suite", m.suite},
          {"complete", suite.complete},
          {"created_ns", m.created.time_since_epoch().count()},
          {"wsbench_version", m.wsbench_version},
          {"config", m.config},
          {"load", m.load},
          {"client_machine", m.client_machine},
          {"server_machine", m.server_machine},
          {"same_machine", m.same_machine},
          {"supervisord", m.supervisord},
          {"pinning", m.pinning},
          {"ranked_by", rank_criterion(mode)},
          {"ranking", std::move(ranking)},
          {"floor", suite.floor ? to_json(*suite.floor) : json(nullptr)},
          {"contestants", std::move(contestants)}};
}

store::Result<void> write_results_file(const store::Run& run) {
  const auto suite = read_suite_result(run);
  if (!suite) return tl::unexpected(suite.error());
  const auto file = run.directory() / kResultsFile;
  const auto unfinished = run.directory() / "results.json.new";
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  out << results_json(*suite).dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  out.close();
  if (out) {
    std::error_code error;
    std::filesystem::rename(unfinished, file, error);
    if (!error) return {};
    errno = error.value();
  }
  return tl::unexpected(store::Error{
      store::Error::Kind::io, fmt::format("{} cannot be written: {}", file.string(), std::strerror(errno))});
}

std::vector<std::string> shortcomings(const SuiteResult& suite, const config::Config& config) {
  std::vector<std::string> found;
  bool measured = false;
  for (const auto& contestant : suite.contestants) {
    for (const auto& round : contestant.rounds) {
      measured = measured || round.state == TurnState::completed;
      if (round.state == TurnState::not_installed || round.state == TurnState::skipped) continue;
      const auto where =
          round.round == 0 ? contestant.name : fmt::format("{}, round {}", contestant.name, round.round + 1);
      if (round.state != TurnState::completed) {
        const auto kind = round.failure ? fmt::format(" ({})", name(round.failure->kind)) : std::string();
        found.push_back(fmt::format("{}: {}{}", where, name(round.state), kind));
        continue;
      }
      for (const auto& gate : round.gates) {
        if (!gate.passed && !config.accept_invalid)
          found.push_back(fmt::format("{}: invalid: {}: {}", where, gate.name, gate.detail));
      }
      for (const auto& missed : missed_thresholds(round, config.thresholds))
        found.push_back(fmt::format("{}: {}", where, missed));
    }
  }
  if (!measured && found.empty())
    found.push_back("nothing was measured: every contestant is missing here or was skipped");
  return found;
}

}  // namespace wsbench::results
