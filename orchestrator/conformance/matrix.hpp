#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orchestrator/conformance/conformance.hpp"

// What `wsbench conformance` prints of contestants that were held to the rules.

namespace wsbench::conformance {

/// The matrix, with a row for each contestant and a column for each rule, at most 120 characters wide; its
/// legend; and the reasons for every verdict but "passed". `bold`: ANSI bold for the matrix's title.
std::string render_conformance(const std::vector<Conformance>& contestants, bool bold);

/// "node-ws: conforms, 21 passed, 1 expected (2.4 s)": a line of progress.
std::string conformance_line(const Conformance& contestant);

/// {"schema": 1, "contestants": [...]}; durations in nanoseconds.
nlohmann::json conformance_json(const std::vector<Conformance>& contestants);

}  // namespace wsbench::conformance
