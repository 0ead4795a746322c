#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "orchestrator/util/terminal.hpp"

// What `wsbench status`, `queue` and `watch` print of a control server's answers (docs/control.md has their
// shapes). Pure functions; colour is ANSI's.

namespace wsbench::commands {

/// A line for each contestant, as supervisorctl has it: "smoke:node-ws   RUNNING   measuring 3 of 5 s, ...".
/// Only those of `name`, a group or "group:contestant", unless it is empty.
std::string render_status(const nlohmann::json& status, std::string_view name, bool colour);

/// A row for each job.
std::string render_queue(const nlohmann::json& jobs, bool colour);

/// The live view: what runs, how far, its figures over the last minutes, and what has ended; at most the
/// screen's rows, each at most as wide as its columns.
std::string render_watch(const nlohmann::json& status, const util::Screen& screen, bool colour);

}  // namespace wsbench::commands
