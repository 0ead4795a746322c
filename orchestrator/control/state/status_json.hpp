#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orchestrator/control/state/host.hpp"
#include "orchestrator/control/state/status.hpp"

// The status as JSON, and the feed's messages. docs/control.md spells every field. Pure functions; `now` is
// told to the reader, whose clock may be another.

namespace wsbench::control::state {

enum class Points { included, left_out };

nlohmann::json status_json(const Status& status, event::Time now, Points points = Points::included);
nlohmann::json job_json(const JobStatus& job);
nlohmann::json runs_json(const std::vector<RunSummary>& runs);

/// One line; bytes that are not UTF-8 come as U+FFFD.
std::string to_text(const nlohmann::json& document);

std::string hello_message(const Status& status, const std::vector<std::string>& log_lines, event::Time now);
std::string status_message(const Status& status, event::Time now);
/// Of the latest point. Precondition: there is one.
std::string point_message(const Live& live);
std::string log_message(const std::vector<std::string>& lines);

}  // namespace wsbench::control::state
