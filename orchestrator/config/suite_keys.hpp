#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "client/plan.hpp"
#include "orchestrator/config/document.hpp"
#include "orchestrator/config/key_info.hpp"
#include "orchestrator/config/object_reader.hpp"
#include "orchestrator/config/suite_config.hpp"

// The keys of a suite file. All that is known of one is its row in the table of suite_keys.cpp.

namespace wsbench::config {

/// The suite that a document describes, and what is wrong with it; the config is of use only when nothing is.
/// Its name is left empty. Precondition: the document is an object.
Config read_config(const nlohmann::json& document, ConfigFindings& findings);

/// A suite's text for read_document(); `file` is for messages only.
ConfigText suite_text(std::string_view text, const std::filesystem::path& file);

/// The keys for people and editors, in the order of the table.
const std::vector<KeyInfo>& suite_keys();

/// configs/suite.schema.json.
std::string suite_schema();

/// The keys that shape the measurement and differ between two of to_json()'s configs. A key that one of them
/// lacks, such as one written before there was that key, has its default there.
std::vector<std::string> differences(const nlohmann::json& one, const nlohmann::json& other);

}  // namespace wsbench::config
