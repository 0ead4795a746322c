#include "orchestrator/config/object_reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orchestrator/util/json_text.hpp"
#include "orchestrator/util/suggest.hpp"

namespace wsbench::config {

namespace {

using nlohmann::json;

/// "a", "a or b", "a, b or c", each in quotes.
std::string alternatives(const std::vector<std::string_view>& words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) list += i + 1 == words.size() ? " or " : ", ";
    list += fmt::format("\"{}\"", words[i]);
  }
  return list;
}

/// The same where a text was expected: it is quoted without "the text" before it.
std::string describe_text(const json& value) {
  return value.is_string() ? util::in_quotes(value.get_ref<const std::string&>()) : describe(value);
}

}  // namespace

void ConfigFindings::add(std::string pointer, std::string message) {
  constexpr std::size_t kMostKept = 1000;
  if (++count_ <= kMostKept) kept_.push_back({std::move(pointer), std::move(message)});
}

const json* ObjectReader::any(std::string_view key) {
  known_.emplace_back(key);
  const auto found = object_.find(known_.back());
  return found == object_.end() ? nullptr : &*found;
}

void ObjectReader::complain(std::string_view key, std::string message) {
  findings_.add(util::pointer_to(pointer_, key), std::move(message));
}

std::optional<std::uint64_t> ObjectReader::whole(std::string_view key, std::uint64_t least,
                                                 std::uint64_t most) {
  const json* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned()) {
    const auto number = value->get<std::uint64_t>();
    if (number >= least && number <= most) return number;
  } else if (value->is_number_float()) {
    const double number = value->get<double>();
    const bool fits = number >= static_cast<double>(least) && number <= static_cast<double>(most);
    if (fits && std::trunc(number) == number) return static_cast<std::uint64_t>(number);
  }
  complain(key, fmt::format("must be a whole number from {} to {}, not {}", least, most, describe(*value)));
  return std::nullopt;
}

std::optional<double> ObjectReader::number(std::string_view key, double least, double most) {
  const json* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) {
    const double number = value->get<double>();
    if (number >= least && number <= most) return number;
  }
  complain(key, fmt::format("must be a number from {} to {}, not {}", least, most, describe(*value)));
  return std::nullopt;
}

std::optional<bool> ObjectReader::boolean(std::string_view key) {
  const json* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  complain(key, fmt::format("must be true or false, not {}", describe(*value)));
  return std::nullopt;
}

std::optional<std::string> ObjectReader::text(std::string_view key, const TextRule& rule) {
  const json* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string() && rule.accepts(value->get_ref<const std::string&>()))
    return value->get<std::string>();
  complain(key, fmt::format("must be {}, not {}", rule.expected, describe_text(*value)));
  return std::nullopt;
}

std::optional<std::vector<std::string>> ObjectReader::texts(std::string_view key, const ListRule& rule) {
  const json* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) {
    complain(key, fmt::format("must be an array, [ ... ], each element {}; not {}", rule.element.expected,
                              describe(*value)));
    return std::nullopt;
  }
  if (value->size() < rule.least) {
    complain(key, std::string(rule.when_too_short));
    return std::nullopt;
  }
  if (value->size() > kMostElements) {
    complain(key, fmt::format("must have at most {} elements, not {}", kMostElements, value->size()));
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < value->size(); ++i) {
    const json& element = (*value)[i];
    if (element.is_string() && rule.element.accepts(element.get_ref<const std::string&>())) {
      texts.push_back(element.get<std::string>());
    } else {
      texts.emplace_back();
      findings_.add(util::pointer_to(util::pointer_to(pointer_, key), std::to_string(i)),
                    fmt::format("must be {}, not {}", rule.element.expected, describe_text(element)));
    }
  }
  reject_duplicates(key, texts, rule);
  return texts;
}

void ObjectReader::reject_duplicates(std::string_view key, const std::vector<std::string>& texts,
                                     const ListRule& rule) {
  const auto pointer = util::pointer_to(pointer_, key);
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    const auto [first, is_new] = seen.emplace(rule.identity ? rule.identity(texts[i]) : texts[i], i);
    if (is_new) continue;
    findings_.add(util::pointer_to(pointer, std::to_string(i)),
                  fmt::format("{} is there already, as {}/{}{}", util::in_quotes(texts[i]), pointer,
                              first->second, rule.advice));
  }
}

std::optional<std::string> ObjectReader::secret(std::string_view key) {
  const json* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  complain(key, "must be a text in double quotes");
  return std::nullopt;
}

std::optional<std::string> ObjectReader::environment(std::string_view key, std::string_view other) {
  const auto variable = text(key, kVariable);
  if (!variable) return std::nullopt;
  if (has(other)) {
    complain(key, fmt::format("stands instead of \"{}\"; give one of the two", other));
    return std::nullopt;
  }
  const char* value = std::getenv(variable->c_str());
  if (value != nullptr && *value != '\0') return value;
  complain(key, fmt::format("the environment variable {} is {}", util::excerpt(*variable),
                            value == nullptr ? "not set" : "empty"));
  return std::nullopt;
}

std::optional<std::size_t> ObjectReader::one_of(std::string_view key,
                                                const std::vector<std::string_view>& words) {
  const json* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    const auto found = std::find(words.begin(), words.end(), value->get_ref<const std::string&>());
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  }
  complain(key, fmt::format("must be {}, not {}", alternatives(words), describe_text(*value)));
  return std::nullopt;
}

void ObjectReader::require(std::string_view key, std::string_view what) {
  if (!has(key)) required_.emplace_back(key, what);
}

ObjectReader ObjectReader::member(std::string_view key, const json& object) const {
  return {object, util::pointer_to(pointer_, key), findings_};
}

void ObjectReader::finish() {
  std::vector<std::string> meant;
  for (const auto& member : object_.items()) {
    const std::string& key = member.key();
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    if (const auto suggestion = util::nearest(key, known_)) {
      complain(key, fmt::format("unknown key; did you mean \"{}\"?", *suggestion));
      meant.push_back(*suggestion);
    } else {
      complain(key, fmt::format("unknown key; known are {}", fmt::join(known_, ", ")));
    }
  }
  for (const auto& [key, what] : required_) {
    if (std::find(meant.begin(), meant.end(), key) != meant.end()) continue;
    complain(key, fmt::format("is missing and has no default; it is {}", what));
  }
}

json plain_number(double number) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::trunc(number) == number && std::abs(number) < kExact) return static_cast<std::int64_t>(number);
  return number;
}

std::string describe(const json& value) {
  switch (value.type()) {
    case json::value_t::string:
      return "the text " + util::in_quotes(value.get_ref<const std::string&>());
    case json::value_t::array:
      return "an array";
    case json::value_t::object:
      return "an object";
    default:
      return value.dump();
  }
}

}  // namespace wsbench::config
