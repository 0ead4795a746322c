#include "orchestrator/commands/report.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/output.hpp"
#include "orchestrator/results/results_file.hpp"
#include "orchestrator/results/run_directory.hpp"

namespace wsbench::commands {

int report_command(const ReportOptions& options) {
  const auto directory = results::resolve_run(options.run);
  if (!directory) return fail(kUsage, directory.error());
  const auto run = store::Run::open(*directory, store::Run::Access::read_only);
  if (!run) {
    std::error_code absent;
    const bool has_results = std::filesystem::exists(*directory / results::kResultsFile, absent);
    return fail(kInfrastructure, run.error().message +
                                     (has_results ? fmt::format(" {} beside it still has all that was shown.",
                                                                results::kResultsFile)
                                                  : ""));
  }
  const auto suite = results::read_suite_result(**run);
  if (!suite) return fail(kInfrastructure, suite.error().message);
  print_results(*suite, options.json);
  return kSuccess;
}

}  // namespace wsbench::commands
