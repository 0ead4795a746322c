#include "orchestrator/commands/output.hpp"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/report/ranked_tables.hpp"
#include "orchestrator/results/gates.hpp"
#include "orchestrator/results/results_file.hpp"
#include "orchestrator/util/json_text.hpp"

namespace wsbench::commands {

bool is_on_terminal() {
  return ::isatty(STDOUT_FILENO) != 0;
}

void print_json(const nlohmann::json& document) {
  fmt::print("{}\n", util::indented_json(document));
}

void print_results(const results::SuiteResult& suite, bool as_json) {
  if (as_json) return print_json(results_json(suite));
  fmt::print("{}", report::render_report(suite, is_on_terminal()));
}

int conclude(const results::SuiteResult& suite, const config::Config& config) {
  const auto found = shortcomings(suite, config);
  for (const auto& line : found) fmt::print(stderr, "not met: {}\n", line);
  return found.empty() ? kSuccess : kContestantFailed;
}

int fail(const config::ConfigError& error) {
  fmt::print(stderr, "{}\n", error.message);
  return kUsage;
}

}  // namespace wsbench::commands
