#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wsbench::rpc {

/// The next character, or byte, of a text that is mostly UTF-8.
struct Utf8Step {
  char32_t code_point = 0;
  std::size_t length = 1;  ///< in bytes
  bool is_valid = false;   ///< false: a byte that belongs to no well-formed character
};

/// The first character of a text, which must not be empty. A surrogate counts as a valid character of three
/// bytes, so that it can be replaced as a whole.
Utf8Step next_utf8(std::string_view text) noexcept;

/// Appends a code point, which must be at most 0x10FFFF, as UTF-8.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace wsbench::rpc
