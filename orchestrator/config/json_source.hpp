#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "orchestrator/config/json_syntax.hpp"

namespace wsbench::config {

/// A key that an object has twice.
struct DuplicateKey {
  std::string pointer;
  std::size_t first_line = 0;
  std::size_t line = 0;
};

/// A JSON text and the lines where its parts stand. Pointers are those of RFC 6901; "" is the whole document.
struct Source {
  nlohmann::json document;
  std::map<std::string, std::size_t> lines;  ///< of keys and of array elements, counted from 1
  std::vector<DuplicateKey> duplicates;

  /// The line of the pointer or, when the document has no such part, of the nearest that encloses it.
  std::size_t line_of(std::string_view pointer) const;
};

/// Parses a text of at most 1 MiB whose nesting is at most 16 deep: more than any suite file needs, so that
/// every other length and depth is a mistake and costs nothing.
tl::expected<Source, SyntaxError> parse_source(std::string_view text);

constexpr std::size_t kMaxSourceBytes = 1U << 20U;

/// `pointer` with one more token, escaped (~ as ~0, / as ~1).
std::string pointer_to(std::string_view pointer, std::string_view key);

}  // namespace wsbench::config
