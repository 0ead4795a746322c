#include "orchestrator/config/key_info.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wsbench::config {

namespace {

using nlohmann::ordered_json;

/// Every key with its members after it, by the names that --set takes.
std::vector<KeyInfo> flattened(const std::vector<KeyInfo>& keys, const std::string& prefix) {
  std::vector<KeyInfo> all;
  for (const KeyInfo& key : keys) {
    if (!key.is_for_people()) continue;
    all.push_back(key);
    all.back().name = prefix + key.name;
    auto inner = flattened(key.members, prefix + key.name + ".");
    std::move(inner.begin(), inner.end(), std::back_inserter(all));
  }
  return all;
}

/// The text in lines of at most `width`, each after `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string lines;
  while (!text.empty()) {
    std::size_t end = text.size();
    if (indent + end > width) {
      end = text.rfind(' ', width - indent);
      if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
    }
    lines += std::string(indent, ' ') + std::string(text.substr(0, end)) + '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

ordered_json object_schema(const std::vector<KeyInfo>& keys, const ordered_json& more) {
  ordered_json schema = {{"type", "object"}};
  ordered_json required = ordered_json::array();
  ordered_json properties = ordered_json::object();
  for (const KeyInfo& key : keys) {
    if (key.is_required) required.push_back(key.name);
    properties[key.name] = key.schema;
  }
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  schema["properties"] = std::move(properties);
  for (const auto& [name, rule] : more.items()) schema[name] = rule;
  return schema;
}

std::string schema_file(std::string_view title, std::string_view description,
                        const std::vector<KeyInfo>& keys, const ordered_json& more) {
  ordered_json schema = {
      {"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}, {"description", description}};
  const auto object = object_schema(keys, more);
  for (const auto& [name, rule] : object.items()) schema[name] = rule;
  return schema.dump(2) + '\n';
}

std::string keys_text(const std::vector<KeyInfo>& keys) {
  constexpr std::size_t kWidth = 80;
  constexpr std::size_t kIndent = 4;
  const auto all = flattened(keys, "");
  std::size_t name = 0, fallback = 0;
  for (const KeyInfo& key : all) {
    name = std::max(name, key.name.size());
    fallback = std::max(fallback, key.fallback.size());
  }
  std::string text;
  const auto add = [&](std::string_view first, std::string_view second, std::string_view third) {
    std::string line = fmt::format("{:<{}}  {:<{}}  {}", first, name, second, fallback, third);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  add("KEY", "DEFAULT", "RANGE");
  for (const KeyInfo& key : all) {
    add(key.name, key.fallback, key.range);
    text += wrapped(key.text, kIndent, kWidth);
  }
  return text;
}

}  // namespace wsbench::config
