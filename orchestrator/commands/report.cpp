#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/commands.hpp"
#include "orchestrator/report/ranked_tables.hpp"
#include "orchestrator/results/results_file.hpp"
#include "orchestrator/results/run_directory.hpp"

namespace wsbench::commands {

int report_command(const ReportOptions& options) {
  const auto directory = results::resolve_run(options.run);
  if (!directory) {
    fmt::print(stderr, "wsbench: {}\n", directory.error());
    return kUsage;
  }
  const auto run = store::Run::open(*directory, store::Run::Access::read_only);
  if (!run) {
    std::error_code absent;
    const bool has_results = std::filesystem::exists(*directory / results::kResultsFile, absent);
    fmt::print(
        stderr, "wsbench: {}{}\n", run.error().message,
        has_results ? fmt::format(" {} beside it still has all that was shown.", results::kResultsFile) : "");
    return kInfrastructure;
  }
  const auto suite = results::read_suite_result(**run);
  if (!suite) {
    fmt::print(stderr, "wsbench: {}\n", suite.error().message);
    return kInfrastructure;
  }
  if (options.json) {
    fmt::print("{}\n", results_json(*suite).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", report::render_report(*suite, ::isatty(STDOUT_FILENO) != 0));
  }
  return kSuccess;
}

}  // namespace wsbench::commands
