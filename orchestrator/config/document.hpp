#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "orchestrator/config/object_reader.hpp"
#include "orchestrator/config/suite_config.hpp"

// What every JSON file of ours has in common, a suite's and the daemon's: how it is read, overridden, and
// complained about.

namespace wsbench::config {

/// The bytes of a file, at most one more than a config may have. The error is one line.
tl::expected<std::string, ConfigError> read_config_file(const std::filesystem::path& file);

struct ConfigText {
  std::string_view text;
  std::filesystem::path file;           ///< for messages only
  std::string_view what;                ///< for messages: "a suite"
  std::vector<std::string_view> lists;  ///< keys whose override may be "a,b"
};

/// Takes what it knows from the document, an object, and tells what is wrong with it.
using DocumentReader = std::function<void(const nlohmann::json& document, ConfigFindings& findings)>;

/// Parses the text, puts the overrides into it and has it read. The error has every finding, with its line.
tl::expected<void, ConfigError> read_document(const ConfigText& config, const Overrides& overrides,
                                              const DocumentReader& read);

}  // namespace wsbench::config
