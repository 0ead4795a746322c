#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/commands.hpp"
#include "orchestrator/csv.hpp"
#include "orchestrator/run_directory.hpp"

// `wsbench stats` and `wsbench events`: a run's events as CSV, a directory per contestant.

namespace wsbench::orchestrator {

namespace {

using WriteTables = store::Result<void> (*)(const store::Run&, std::string_view,
                                            const std::filesystem::path&);

int export_tables(const ExportOptions& options, WriteTables write) {
  const auto run = open_run(options.run);
  if (!run) {
    fmt::print(stderr, "wsbench: {}\n", run.error());
    return kUsage;
  }
  const auto all = (*run)->contestants();
  for (const auto& wanted : options.contestants) {
    if (std::find(all.begin(), all.end(), wanted) != all.end()) continue;
    fmt::print(stderr, "wsbench: {} has no contestant {}; it has {}\n", (*run)->directory().string(), wanted,
               fmt::join(all, ", "));
    return kUsage;
  }
  const auto out = options.out.empty() ? (*run)->directory() / "stats" : options.out;
  for (const auto& contestant : options.contestants.empty() ? all : options.contestants) {
    if (const auto written = write(**run, contestant, out); !written) {
      fmt::print(stderr, "wsbench: {}\n", written.error().message);
      return kInfrastructure;
    }
    fmt::print("{}\n", (out / contestant).string());
  }
  return kSuccess;
}

}  // namespace

int stats_command(const ExportOptions& options) {
  return export_tables(options, write_statistics);
}

int events_command(const ExportOptions& options) {
  return export_tables(options, write_events);
}

}  // namespace wsbench::orchestrator
