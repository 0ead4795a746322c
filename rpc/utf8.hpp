#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wsbench::rpc {

/// One step through bytes that are mostly UTF-8.
struct Utf8Step {
  char32_t code_point = 0;
  std::size_t length = 1;  ///< bytes taken
  bool is_valid = false;   ///< false: a byte that belongs to no well-formed sequence
};

/// The first character of a non-empty text. Surrogates are taken whole, as three valid bytes: XML forbids
/// them, and their reader says so.
Utf8Step next_utf8(std::string_view text) noexcept;

/// Appends a code point as UTF-8; it must be at most 0x10FFFF.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace wsbench::rpc
