#pragma once

#include <string>

#include "orchestrator/documents.hpp"

namespace wsbench::orchestrator {

/// The ranked tables of a run and what must be known to read them, for a terminal or a log. Pure ASCII but
/// for `colour`'s ANSI sequences.
std::string render_report(const SuiteResult& suite, bool colour);

}  // namespace wsbench::orchestrator
