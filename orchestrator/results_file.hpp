#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

#include "orchestrator/documents.hpp"

namespace wsbench::orchestrator {

/// The results.json of a run: everything that the report shows. `schema_version` changes when a reader of an
/// older one could be misled. Durations in ns, absent ones null.
nlohmann::json results_json(const SuiteResult& suite);

/// Writes RUN/results.json, the whole of it or nothing (a new file takes the old one's place).
store::Result<void> write_results_file(const store::Run& run);

/// All that must hold for exit code 0: every turn completed or not installed, valid, and within the
/// thresholds. What does not, a sentence each.
std::vector<std::string> shortcomings(const SuiteResult& suite, const Thresholds& thresholds);

}  // namespace wsbench::orchestrator
