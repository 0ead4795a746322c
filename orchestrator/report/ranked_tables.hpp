#pragma once

#include <string>

#include "orchestrator/results/run_documents.hpp"

namespace wsbench::report {

/// The ranked tables of a run and what must be known to read them, for a terminal or a log. Pure ASCII but
/// for `colour`'s ANSI sequences.
std::string render_report(const results::SuiteResult& suite, bool colour);

}  // namespace wsbench::report
