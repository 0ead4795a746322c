#include "orchestrator/results/run_documents.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace wsbench::results {

using nlohmann::json;

namespace {

constexpr std::string_view kManifest = "manifest";
constexpr std::string_view kResults = "result/";

std::string result_name(std::uint16_t round, std::string_view contestant) {
  return fmt::format("{}{:05}/{}", kResults, round, contestant);
}

store::Error unreadable(std::string_view what, const std::exception& error) {
  return {store::Error::Kind::corruption, fmt::format("the run's {} cannot be read: {}", what, error.what())};
}

std::string_view mark_name(SuiteMark mark) {
  switch (mark) {
    case SuiteMark::began:
      return "began";
    case SuiteMark::resumed:
      return "resumed";
    case SuiteMark::ended:
      return "ended";
    case SuiteMark::interrupted:
      return "interrupted";
    case SuiteMark::broken:
      return "broken";
  }
  return "";
}

std::int64_t now_ns() {
  return event::Clock::now().time_since_epoch().count();
}

// Log text may hold any bytes: what is not UTF-8 is replaced rather than refused.
std::string dump(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

store::Result<void> save_manifest(store::Run& run, const Manifest& m) {
  json turns = json::array();
  for (const auto& turn : m.turns) turns.push_back({{"round", turn.round}, {"contestant", turn.contestant}});
  const json document{{"version", Manifest::kVersion},
                      {"suite", m.suite},
                      {"created_ns", m.created.time_since_epoch().count()},
                      {"config", m.config},
                      {"wsbench_version", m.wsbench_version},
                      {"client_machine", m.client_machine},
                      {"server_machine", m.server_machine},
                      {"same_machine", m.same_machine},
                      {"supervisord", m.supervisord},
                      {"load", m.load},
                      {"pinning", m.pinning},
                      {"contestants", m.contestants},
                      {"turns", std::move(turns)}};
  return run.put(kManifest, dump(document));
}

store::Result<Manifest> read_manifest(const store::Run& run) {
  auto text = run.get(kManifest);
  if (!text) return tl::unexpected(text.error());
  if (!*text) {
    return tl::unexpected(
        store::Error{store::Error::Kind::not_found,
                     fmt::format("{} holds no manifest: it was never begun", run.directory().string())});
  }
  try {
    const auto d = json::parse(**text);
    if (d.at("version").get<int>() > Manifest::kVersion) {
      return tl::unexpected(
          store::Error{store::Error::Kind::version,
                       fmt::format("{} was written by a newer wsbench ({})", run.directory().string(),
                                   d.value("wsbench_version", "?"))});
    }
    Manifest m;
    d.at("suite").get_to(m.suite);
    m.created = event::Time(Nanoseconds(d.at("created_ns").get<std::int64_t>()));
    m.config = d.at("config");
    d.at("wsbench_version").get_to(m.wsbench_version);
    m.client_machine = d.at("client_machine");
    m.server_machine = d.at("server_machine");
    d.at("same_machine").get_to(m.same_machine);
    d.at("supervisord").get_to(m.supervisord);
    d.at("load").get_to(m.load);
    d.at("pinning").get_to(m.pinning);
    m.contestants = d.at("contestants");
    for (const auto& turn : d.at("turns")) {
      m.turns.push_back({turn.at("round").get<std::uint16_t>(), turn.at("contestant").get<std::string>()});
    }
    return m;
  } catch (const json::exception& error) {
    return tl::unexpected(unreadable("manifest", error));
  }
}

store::Result<void> save_result(store::Run& run, const RoundResult& result) {
  return run.put(result_name(result.round, result.contestant), dump(to_json(result)));
}

store::Result<SuiteResult> read_suite_result(const store::Run& run) {
  auto manifest = read_manifest(run);
  if (!manifest) return tl::unexpected(manifest.error());
  SuiteResult suite;
  suite.manifest = std::move(*manifest);

  std::size_t finished = 0;
  const auto contestant = [&](const std::string& name) -> ContestantResult& {
    const auto found = std::find_if(suite.contestants.begin(), suite.contestants.end(),
                                    [&](const auto& candidate) { return candidate.name == name; });
    if (found != suite.contestants.end()) return *found;
    // Null where there is no monitor to tell.
    const auto known = suite.manifest.contestants.find(name);
    const auto info =
        known != suite.manifest.contestants.end() && known->is_object() ? *known : json::object();
    suite.contestants.push_back(
        {name, info.value("language", ""), info.value("platform", ""), info.value("version", ""), {}});
    return suite.contestants.back();
  };
  const auto read = [&](std::uint16_t round,
                        std::string_view name) -> store::Result<std::optional<RoundResult>> {
    auto text = run.get(result_name(round, name));
    if (!text) return tl::unexpected(text.error());
    if (!*text) return std::nullopt;
    try {
      return round_result_from_json(json::parse(**text));
    } catch (const json::exception& error) {
      return tl::unexpected(unreadable(result_name(round, name), error));
    }
  };
  for (const auto& turn : suite.manifest.turns) {
    auto result = read(turn.round, turn.contestant);
    if (!result) return tl::unexpected(result.error());
    auto& rounds = contestant(turn.contestant).rounds;
    if (*result) {
      if (is_finished((*result)->state)) ++finished;
      rounds.push_back(std::move(**result));
    }
  }
  auto floor = read(0, kFloorName);
  if (!floor) return tl::unexpected(floor.error());
  suite.floor = std::move(*floor);
  suite.complete = finished == suite.manifest.turns.size();
  return suite;
}

store::Result<void> journal_turn(store::Run& run, const Turn& turn, TurnState state,
                                 std::string_view detail) {
  return run.append_journal(dump({{"time_ns", now_ns()},
                                  {"round", turn.round},
                                  {"contestant", turn.contestant},
                                  {"state", name(state)},
                                  {"detail", detail}}));
}

store::Result<void> journal_suite(store::Run& run, SuiteMark mark, std::string_view detail) {
  return run.append_journal(dump({{"time_ns", now_ns()}, {"suite", mark_name(mark)}, {"detail", detail}}));
}

store::Result<std::vector<Turn>> finished_turns(const store::Run& run) {
  auto entries = run.journal();
  if (!entries) return tl::unexpected(entries.error());
  std::map<std::pair<std::uint16_t, std::string>, TurnState> last;
  try {
    for (const auto& entry : *entries) {
      const auto d = json::parse(entry);
      if (!d.contains("contestant")) continue;
      const auto state = turn_state_from(d.at("state").get<std::string>());
      if (state) last[{d.at("round").get<std::uint16_t>(), d.at("contestant").get<std::string>()}] = *state;
    }
  } catch (const json::exception& error) {
    return tl::unexpected(unreadable("journal", error));
  }
  std::vector<Turn> finished;
  for (const auto& [key, state] : last) {
    if (is_finished(state)) finished.push_back({key.first, key.second});
  }
  return finished;
}

store::Result<bool> has_ended(const store::Run& run) {
  auto entries = run.journal();
  if (!entries) return tl::unexpected(entries.error());
  try {
    for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
      const auto d = json::parse(*entry);
      if (d.contains("suite")) return d.at("suite") == "ended";
    }
  } catch (const json::exception& error) {
    return tl::unexpected(unreadable("journal", error));
  }
  return false;
}

}  // namespace wsbench::results
