#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "orchestrator/util/json_syntax.hpp"

// The one parser for JSON that comes from outside: files, requests, overrides. nlohmann::json copies,
// compares and prints by recursion, so a text that is nested deeply enough ends the process; hence the
// limits.

namespace wsbench::util {

/// The most that a text may hold.
struct JsonLimits {
  std::size_t bytes = 1U << 20U;
  std::size_t depth = 16;       ///< of objects and arrays in one another
  std::size_t values = 10'000;  ///< scalars, objects and arrays
  std::size_t key_bytes = 200;
};

constexpr JsonLimits kWrittenByPeople{};
/// Results, journals and manifests: large, but no deeper than a program makes them.
constexpr JsonLimits kWrittenByPrograms{256U << 20U, 60, 50'000'000, 4096};

/// Parses a text. The error says why it is not JSON, or which limit it exceeds.
tl::expected<nlohmann::json, SyntaxError> parse_json(std::string_view text,
                                                     const JsonLimits& limits = kWrittenByPeople);

/// A key that an object has twice.
struct DuplicateKey {
  std::string pointer;
  std::size_t first_line = 0;
  std::size_t line = 0;
};

/// A JSON text and the lines where its parts stand. Pointers are those of RFC 6901; "" is the whole document.
struct JsonSource {
  nlohmann::json document;
  std::map<std::string, std::size_t> lines;  ///< of keys and of array elements, counted from 1
  std::vector<DuplicateKey> duplicates;

  /// The line of the pointer or, when the document has no such part, of the nearest that encloses it.
  std::size_t line_of(std::string_view pointer) const;
};

/// The same with lines, whose pointers take memory: for texts that people write.
tl::expected<JsonSource, SyntaxError> parse_json_source(std::string_view text,
                                                        const JsonLimits& limits = kWrittenByPeople);

/// The bytes of a file, up to one more than the limit, with which it is refused however long it is. The error
/// says why it cannot be read.
tl::expected<std::string, std::string> read_json_file(const std::filesystem::path& file,
                                                      const JsonLimits& limits = kWrittenByPeople);

/// A document as text, on one line or indented by 2. What is no UTF-8 in it, such as a contestant's last
/// words, is replaced (U+FFFD).
std::string compact_json(const nlohmann::json& document);
std::string indented_json(const nlohmann::json& document);

/// `pointer` with one more token, escaped (~ as ~0, / as ~1).
std::string pointer_to(std::string_view pointer, std::string_view key);

/// At most that many bytes of a text for a message: "..." stands for the rest, \u00XX for a control
/// character, so that it stays on its line. No character of UTF-8 is cut.
std::string excerpt(std::string_view text, std::size_t bytes = 60);

/// The same as JSON has it, in double quotes.
std::string in_quotes(std::string_view text);

}  // namespace wsbench::util
