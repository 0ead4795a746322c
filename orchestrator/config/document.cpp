#include "orchestrator/config/document.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "orchestrator/config/json_source.hpp"

namespace wsbench::config {

namespace {

using nlohmann::json;

struct AppliedOverride {
  std::string pointer;
  std::string label;  ///< what stands in messages where a file and a line would
};

/// The value of an override: JSON, a list for those keys that hold one, or else the text itself.
json override_value(std::string_view key, const std::string& text) {
  json value = json::parse(text, nullptr, false);
  if (!value.is_discarded()) return value;
  if (key != "servers" && key != "source_addresses") return text;
  value = json::array();
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    value.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return value;
}

/// Puts an override into the document. Adds a finding when a dotted key leads into something that is no
/// object.
AppliedOverride apply(const std::string& key, const std::string& text, json& document,
                      ConfigFindings& findings) {
  // A URL may have a password in it.
  const bool secret = key == "supervisord" || key == "password" || key.ends_with(".password");
  AppliedOverride applied{"", fmt::format("--set {}={}", key, secret ? "..." : text)};
  json* parent = &document;
  std::size_t begin = 0;
  for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', begin)) {
    const std::string part = key.substr(begin, dot - begin);
    applied.pointer = pointer_to(applied.pointer, part);
    parent = &(*parent)[part];
    if (parent->is_null()) *parent = json::object();
    if (!parent->is_object()) {
      findings.push_back(
          {applied.pointer, fmt::format("\"{}\" is not an object in the file; set it as a whole", part)});
      return applied;
    }
    begin = dot + 1;
  }
  const std::string last = key.substr(begin);
  applied.pointer = pointer_to(applied.pointer, last);
  json value = override_value(key, text);
  if (value.is_null()) {
    parent->erase(last);
  } else {
    (*parent)[last] = std::move(value);
  }
  return applied;
}

bool encloses(std::string_view outer, std::string_view pointer) {
  return pointer.starts_with(outer) && (pointer.size() == outer.size() || pointer[outer.size()] == '/');
}

/// A key may hold any character; a finding stays on its line.
std::string printable(std::string_view pointer) {
  std::string text;
  for (char c : pointer) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      text += fmt::format("\\u{:04x}", c);
    } else {
      text += c;
    }
  }
  return text;
}

/// The findings as lines: those of the file in its order, then those of the command line in theirs.
std::string render(const ConfigFindings& findings, const Source& source,
                   const std::vector<AppliedOverride>& overrides, const std::string& file) {
  struct Line {
    std::size_t order;
    std::string text;
  };
  std::vector<Line> lines;
  for (const ConfigFinding& finding : findings) {
    const bool in_file = source.lines.contains(finding.pointer);
    const auto set = std::find_if(overrides.rbegin(), overrides.rend(), [&](const AppliedOverride& applied) {
      const bool made_it = !in_file && encloses(finding.pointer, applied.pointer);
      return made_it || encloses(applied.pointer, finding.pointer);
    });
    if (set != overrides.rend()) {
      const std::string inner = finding.pointer == set->pointer ? "" : printable(finding.pointer) + ": ";
      const auto index = static_cast<std::size_t>(overrides.rend() - set);
      lines.push_back({kMaxSourceBytes + index, fmt::format("{}: {}{}", set->label, inner, finding.message)});
    } else {
      const std::string pointer = finding.pointer.empty() ? "" : printable(finding.pointer) + ": ";
      const std::size_t line = source.line_of(finding.pointer);
      lines.push_back({line, fmt::format("{}:{}: {}{}", file, line, pointer, finding.message)});
    }
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.order < b.order; });
  std::string text;
  for (const Line& line : lines) text += (text.empty() ? "" : "\n") + line.text;
  return text;
}

}  // namespace

tl::expected<std::string, ConfigError> read_config_file(const std::filesystem::path& file) {
  const auto unreadable = [&](const std::string& why) {
    return tl::unexpected(ConfigError{fmt::format("{}: cannot be read: {}", file.string(), why)});
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return unreadable("it is a directory");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return unreadable(std::generic_category().message(errno));
  // One byte more than a config may have is enough to refuse it, however long the file is.
  std::string text(kMaxSourceBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return unreadable(std::generic_category().message(errno));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

tl::expected<void, ConfigError> read_document(const ConfigText& config, const Overrides& overrides,
                                              const DocumentReader& read) {
  const auto file = config.file.string();
  auto source = parse_source(config.text);
  if (!source) {
    const SyntaxError& error = source.error();
    return tl::unexpected(
        ConfigError{fmt::format("{}:{}:{}: {}", file, error.line, error.column, error.message)});
  }
  if (!source->document.is_object()) {
    return tl::unexpected(
        ConfigError{fmt::format("{}:{}: {} is one JSON object, {{ ... }}, not {}", file, source->line_of(""),
                                config.what, describe(source->document))});
  }
  ConfigFindings findings;
  for (const DuplicateKey& twice : source->duplicates) {
    findings.push_back({twice.pointer, fmt::format("is given twice, first in line {}", twice.first_line)});
  }
  std::vector<AppliedOverride> applied;
  for (const auto& [key, value] : overrides) applied.push_back(apply(key, value, source->document, findings));

  read(source->document, findings);
  if (!findings.empty()) return tl::unexpected(ConfigError{render(findings, *source, applied, file)});
  return {};
}

}  // namespace wsbench::config
