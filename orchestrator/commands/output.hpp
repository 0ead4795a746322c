#pragma once

#include <nlohmann/json_fwd.hpp>

#include "orchestrator/config/suite_config.hpp"
#include "orchestrator/results/run_documents.hpp"

// What several commands print.

namespace wsbench::commands {

/// Whether the standard output is a terminal, which gets colour.
bool is_on_terminal();

/// Prints a document to the standard output, indented.
void print_json(const nlohmann::json& document);

/// Prints a suite's results to the standard output: results.json, or its ranked tables.
void print_results(const results::SuiteResult& suite, bool as_json);

/// Prints to stderr what a suite falls short of, a line each; the exit code for it.
int conclude(const results::SuiteResult& suite, const config::Config& config);

/// Prints to stderr what is wrong with a file, a line for each finding; the exit code for it.
int fail(const config::ConfigError& error);

}  // namespace wsbench::commands
