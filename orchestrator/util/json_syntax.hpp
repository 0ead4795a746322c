#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wsbench::util {

/// Why a text cannot be read, in words for the person who wrote it.
struct SyntaxError {
  std::size_t line = 1;
  std::size_t column = 1;  ///< in characters, not bytes
  std::string message;
  bool exceeds_limit = false;  ///< it may be JSON, but is too large or too deep

  std::string display() const;  ///< "line 3, column 14: a comma is missing before this"
};

/// How far a JSON parser came before it gave up: the end of the last token that was right, commas and colons
/// not counted.
struct Progress {
  enum class After { nothing, opening, key, value };
  enum class Inside { document, object, array };

  After after = After::nothing;
  Inside inside = Inside::document;
  std::size_t offset = 0;       ///< of the byte after that token
  std::size_t opened_line = 1;  ///< where the innermost object or array begins
};

/// Names the fault that follows `progress` in a text that is not JSON. nlohmann's own message speaks of
/// parser states and of what was "last read"; this one speaks of commas, quotes and lines.
SyntaxError explain_syntax(std::string_view text, const Progress& progress);

/// An error at an offset of the text, with its line and column.
SyntaxError syntax_error_at(std::string_view text, std::size_t offset, std::string message);

}  // namespace wsbench::util
