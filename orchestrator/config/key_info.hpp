#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

// What people and editors are told of the keys of a file: help, README and JSON Schema.

namespace wsbench::config {

struct KeyInfo {
  std::string name;
  std::string fallback;  ///< the default as people read it; "required" where there is none
  std::string range;     ///< with its unit: "1 to 604800 s"; empty: not of numbers or words
  std::string text;      ///< one line
  bool is_required = false;
  bool is_in_test = false;  ///< `wsbench test` takes it
  nlohmann::ordered_json schema;
  std::vector<KeyInfo> members;  ///< of a key that holds an object

  /// "$schema" is for editors; people need not hear of it.
  bool is_for_people() const { return !name.starts_with('$'); }
};

/// The JSON Schema of an object with these keys and no others; `more` is added to it: rules over several
/// keys.
nlohmann::ordered_json object_schema(const std::vector<KeyInfo>& keys, const nlohmann::ordered_json& more);

/// A schema as it lies in configs/, for a file with these keys.
std::string schema_file(std::string_view title, std::string_view description,
                        const std::vector<KeyInfo>& keys, const nlohmann::ordered_json& more);

/// The keys as text at 80 columns: key, default and range in a line, below it what it is. Members of objects
/// are spelt as --set takes them: "thresholds.rss_mb".
std::string keys_text(const std::vector<KeyInfo>& keys);

}  // namespace wsbench::config
