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
  const auto run = open_run(options.run);
  if (!run) {
    fmt::print(stderr, "wsbench: {}\n", run.error());
    return kUsage;
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
