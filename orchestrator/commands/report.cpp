#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands.hpp"
#include "orchestrator/report_text.hpp"
#include "orchestrator/results_file.hpp"
#include "orchestrator/run_directory.hpp"

namespace wsbench::orchestrator {

int report_command(const ReportOptions& options) {
  const auto directory = resolve_run(options.run);
  if (!directory) {
    fmt::print(stderr, "wsbench: {}\n", directory.error());
    return kUsage;
  }
  const auto run = store::Run::open(*directory, store::Run::Access::read_only);
  if (!run) {
    std::error_code absent;
    const bool has_results = std::filesystem::exists(*directory / kResultsFile, absent);
    fmt::print(stderr, "wsbench: {}{}\n", run.error().message,
               has_results ? fmt::format(" {} beside it still has all that was shown.", kResultsFile) : "");
    return kInfrastructure;
  }
  const auto suite = load_suite_result(**run);
  if (!suite) {
    fmt::print(stderr, "wsbench: {}\n", suite.error().message);
    return kInfrastructure;
  }
  if (options.json) {
    fmt::print("{}\n", results_json(*suite).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", render_report(*suite, ::isatty(STDOUT_FILENO) != 0));
  }
  return kSuccess;
}

}  // namespace wsbench::orchestrator
