#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "orchestrator/control/state/host.hpp"

namespace wsbench::control::state {

/// Reads {"name", "config": object or text, "overrides": [[key, value]], "local": bool}; the last two may be
/// absent. An override's value that is no text is taken as JSON. The error is a line that names the member;
/// the config itself is left to the Host. A name must be fit for a directory: no path leads out of db_root.
tl::expected<Submission, std::string> read_submission(const nlohmann::json& document);

}  // namespace wsbench::control::state
