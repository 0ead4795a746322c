#include "orchestrator/commands/export_database.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "orchestrator/exports/clickhouse_export.hpp"
#include "orchestrator/exports/progress_bar.hpp"
#include "orchestrator/results/run_documents.hpp"
#include "orchestrator/util/quantities.hpp"

namespace wsbench::commands {

namespace {

/// Others on the machine can read a password in the URL from the list of processes; the variable hides it.
constexpr const char* kPasswordVariable = "WSBENCH_CLICKHOUSE_PASSWORD";

exports::Result<exports::ClickHouseTarget> target_of(const ExportOptions& options) {
  auto target = exports::parse_clickhouse_url(options.to);
  const char* const password = std::getenv(kPasswordVariable);
  if (target && target->password.empty() && password != nullptr) target->password = password;
  return target;
}

/// The name of the run in its rows: that of its directory, whichever path the user gave.
std::string name_of(const store::Run& run) {
  std::error_code error;
  const auto whole = std::filesystem::canonical(run.directory(), error);
  return (error ? run.directory() : whole).filename().string();
}

/// The rounds of a contestant that are measured and no longer change.
exports::Result<std::set<std::uint16_t>> finished_rounds(const store::Run& run,
                                                         const std::string& contestant) {
  std::set<std::uint16_t> rounds;
  const auto turns = results::finished_turns(run);
  if (!turns) return tl::unexpected(turns.error());
  for (const results::Turn& turn : *turns)
    if (turn.contestant == contestant) rounds.insert(turn.round);
  if (contestant != results::kFloorName) return rounds;
  // The floor has no turn; its result is saved once all its events are.
  const auto suite = results::read_suite_result(run);
  if (!suite) return tl::unexpected(suite.error());
  if (suite->floor) rounds.insert(0);
  return rounds;
}

}  // namespace

exports::Result<void> export_to_database(const ExportOptions& options, const Chosen& chosen,
                                         const std::stop_token& stop) {
  const auto target = target_of(options);
  if (!target) return tl::unexpected(target.error());
  if (options.ddl) {
    fmt::print("{};\n", exports::clickhouse_ddl(*target));
    return {};
  }
  exports::ClickHouseClient client(*target, stop);
  exports::ClickHouseExport to(client, name_of(*chosen.run));
  if (options.create)
    if (auto created = to.create_table(); !created) return created;
  exports::ProgressBar bar(stderr);
  for (const auto& contestant : chosen.contestants) {
    bar.begin(fmt::format("{} to {}", contestant, target->display()),
              store::estimate_blocks(*chosen.run, contestant));
    std::optional<std::set<std::uint16_t>> only;
    if (chosen.is_being_written) {
      auto finished = finished_rounds(*chosen.run, contestant);
      if (!finished) return tl::unexpected(finished.error());
      only = std::move(*finished);
    }
    const auto inserted = to.insert({*chosen.run, contestant}, only, [&](const store::Reading& reading) {
      bar.update(reading.found);
      return !stop.stop_requested();
    });
    bar.clear();
    if (!inserted) return tl::unexpected(inserted.error());
    const auto there = inserted->skipped > 0
                           ? fmt::format(", {} were there already", util::format_count(inserted->skipped))
                           : std::string();
    fmt::print("{}: {} rows{}{}\n", contestant, util::format_count(inserted->rows), there,
               only ? ", of finished rounds: the run is being written" : "");
    std::fflush(stdout);
  }
  return {};
}

}  // namespace wsbench::commands
