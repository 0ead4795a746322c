#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

#include "orchestrator/config/suite_config.hpp"
#include "orchestrator/results/run_documents.hpp"

namespace wsbench::results {

constexpr const char* kResultsFile = "results.json";

/// The results.json of a run: everything that the report shows. `schema_version` changes when a reader of an
/// older one could be misled. Durations in ns, absent ones null.
nlohmann::json results_json(const SuiteResult& suite);

/// Writes RUN/results.json, the whole of it or nothing (a new file takes the old one's place).
store::Result<void> write_results_file(const store::Run& run);

/// What keeps a suite from exit code 0, a sentence each: turns that did not complete (unless they are not
/// installed), results that are invalid (unless the config accepts them), thresholds that were missed.
std::vector<std::string> shortcomings(const SuiteResult& suite, const config::Config& config);

}  // namespace wsbench::results
