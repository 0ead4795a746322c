#include "orchestrator/config/document.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "orchestrator/util/json_text.hpp"

namespace wsbench::config {

namespace {

using nlohmann::json;

constexpr std::size_t kMostOverrides = 1000;
constexpr std::size_t kLongestOverrideKey = 200;
constexpr std::ptrdiff_t kDeepestOverrideKey = 8;
constexpr std::size_t kMostTold = 20;

struct AppliedOverride {
  std::string pointer;
  std::string label;  ///< what stands in messages where a file and a line would
};

/// The elements of a list that is written as on a command line: "a,b".
json split_at_commas(std::string_view text) {
  json list = json::array();
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    list.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return list;
}

/// The value of an override: JSON, a list for those keys that hold one, or else the text itself. The error is
/// one of JSON that exceeds a limit.
tl::expected<json, std::string> override_value(bool is_list, const std::string& text) {
  auto value = util::parse_json(text);
  if (value) return std::move(*value);
  if (value.error().exceeds_limit) return tl::unexpected(std::move(value.error().message));
  if (!is_list) return text;
  if (static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')) >= util::kWrittenByPeople.values)
    return tl::unexpected(fmt::format("there are more than {} values", util::kWrittenByPeople.values));
  return split_at_commas(text);
}

/// Puts an override into the document. Adds a finding when its key or its value is too large, or when a
/// dotted key leads into something that is not an object.
AppliedOverride apply(const std::string& key, const std::string& text, bool is_list, json& document,
                      ConfigFindings& findings) {
  // A URL may have a password in it.
  const bool is_secret = key == "supervisord" || key == "password" || key.ends_with(".password");
  AppliedOverride applied{
      "", fmt::format("--set {}={}", util::excerpt(key), is_secret ? "..." : util::excerpt(text))};
  const auto refuse = [&](std::string why) {
    findings.add(applied.pointer, std::move(why));
    return applied;
  };
  if (key.size() > kLongestOverrideKey || std::count(key.begin(), key.end(), '.') >= kDeepestOverrideKey) {
    applied.pointer = util::pointer_to("", util::excerpt(key));
    return refuse(fmt::format("a key has at most {} bytes, and at most {} names with a dot between them",
                              kLongestOverrideKey, kDeepestOverrideKey));
  }
  json* parent = &document;
  std::size_t begin = 0;
  for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', begin)) {
    const std::string part = key.substr(begin, dot - begin);
    applied.pointer = util::pointer_to(applied.pointer, part);
    parent = &(*parent)[part];
    if (parent->is_null()) *parent = json::object();
    if (!parent->is_object())
      return refuse(fmt::format("\"{}\" is not an object in the file; set it as a whole", part));
    begin = dot + 1;
  }
  const std::string last = key.substr(begin);
  applied.pointer = util::pointer_to(applied.pointer, last);
  auto value = override_value(is_list, text);
  if (!value) return refuse(std::move(value.error()));
  if (value->is_null()) {
    parent->erase(last);
  } else {
    (*parent)[last] = std::move(*value);
  }
  return applied;
}

bool encloses(std::string_view outer, std::string_view pointer) {
  return pointer.starts_with(outer) && (pointer.size() == outer.size() || pointer[outer.size()] == '/');
}

/// The findings as lines: those of the file in its order, then those of the command line in theirs. Shows the
/// first twenty and the number of the others.
std::string render(const ConfigFindings& findings, const util::JsonSource& source,
                   const std::vector<AppliedOverride>& overrides, const std::string& file) {
  struct Line {
    std::size_t order;
    std::string text;
  };
  const auto shown = [](std::string_view pointer) { return util::excerpt(pointer, kLongestOverrideKey); };
  std::vector<Line> lines;
  for (const ConfigFinding& finding : findings.kept()) {
    const bool is_in_file = source.lines.contains(finding.pointer);
    const auto set = std::find_if(overrides.rbegin(), overrides.rend(), [&](const AppliedOverride& applied) {
      const bool made_it = !is_in_file && encloses(finding.pointer, applied.pointer);
      return made_it || encloses(applied.pointer, finding.pointer);
    });
    if (set != overrides.rend()) {
      const std::string inner = finding.pointer == set->pointer ? "" : shown(finding.pointer) + ": ";
      const auto index = static_cast<std::size_t>(overrides.rend() - set);
      lines.push_back({util::kWrittenByPeople.bytes + index,
                       fmt::format("{}: {}{}", set->label, inner, finding.message)});
    } else {
      const std::string pointer = finding.pointer.empty() ? "" : shown(finding.pointer) + ": ";
      const std::size_t line = source.line_of(finding.pointer);
      lines.push_back({line, fmt::format("{}:{}: {}{}", file, line, pointer, finding.message)});
    }
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.order < b.order; });
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), kMostTold); ++i) {
    text += (text.empty() ? "" : "\n") + lines[i].text;
  }
  if (findings.count() > kMostTold) text += fmt::format("\nand {} more", findings.count() - kMostTold);
  return text;
}

}  // namespace

tl::expected<std::string, ConfigError> read_config_file(const std::filesystem::path& file) {
  return util::read_json_file(file).map_error([&](const std::string& why) {
    return ConfigError{fmt::format("{}: cannot be read: {}", file.string(), why)};
  });
}

tl::expected<void, ConfigError> read_document(const ConfigText& config, const Overrides& overrides,
                                              const DocumentReader& read) {
  const auto file = config.file.string();
  auto source = util::parse_json_source(config.text);
  if (!source) {
    const util::SyntaxError& error = source.error();
    return tl::unexpected(
        ConfigError{fmt::format("{}:{}:{}: {}", file, error.line, error.column, error.message)});
  }
  if (!source->document.is_object()) {
    return tl::unexpected(
        ConfigError{fmt::format("{}:{}: {} is one JSON object, {{ ... }}, not {}", file, source->line_of(""),
                                config.what, describe(source->document))});
  }
  if (overrides.size() > kMostOverrides)
    return tl::unexpected(ConfigError{fmt::format("--set: more than {} keys are replaced", kMostOverrides)});
  ConfigFindings findings;
  for (const util::DuplicateKey& twice : source->duplicates) {
    findings.add(twice.pointer, fmt::format("is given twice, first in line {}", twice.first_line));
  }
  std::vector<AppliedOverride> applied;
  for (const auto& [key, value] : overrides) {
    const bool is_list = std::find(config.lists.begin(), config.lists.end(), key) != config.lists.end();
    applied.push_back(apply(key, value, is_list, source->document, findings));
  }

  read(source->document, findings);
  if (!findings.empty()) return tl::unexpected(ConfigError{render(findings, *source, applied, file)});
  return {};
}

}  // namespace wsbench::config
