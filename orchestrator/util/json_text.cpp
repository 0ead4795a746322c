#include "orchestrator/util/json_text.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace wsbench::util {

namespace {

constexpr std::size_t kDeepest = 60;

/// How deep brackets outside strings stand in one another; what is no JSON gives any number.
std::size_t nesting_of(std::string_view text) {
  std::size_t depth = 0, deepest = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_string) {
      if (c == '\\') ++i;
      if (c == '"') is_in_string = false;
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

tl::expected<nlohmann::json, std::string> parse_shallow_json(std::string_view text) {
  if (nesting_of(text) > kDeepest) {
    return tl::unexpected(fmt::format("JSON nested more than {} deep is refused", kDeepest));
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return tl::unexpected(fmt::format("not JSON: an error at byte {}", error.byte));
  } catch (const nlohmann::json::out_of_range&) {
    return tl::unexpected(std::string("not JSON: a number is too large"));
  }
}

}  // namespace wsbench::util
