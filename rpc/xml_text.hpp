#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wsbench::rpc {

// What XML 1.0 may hold (its section 2.2), and what takes the place of the rest: '?' for a control byte or a
// byte that is not UTF-8, U+FFFD for a surrogate, U+FFFE or U+FFFF. A replacement has as many bytes as what
// it replaces, so the size of a log's text still tells which bytes of the log it stands for.

/// Whether a character is white space of XML.
constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Appends text as XML character data: & < > and carriage returns as references, forbidden bytes replaced.
void append_escaped(std::string& out, std::string_view text);

/// The text with forbidden bytes replaced and nothing escaped: fit for a message or a terminal.
std::string printable(std::string_view text);

/// A quotation for a message: printable() of at most `most` bytes with line breaks and tabs as spaces, and
/// "..." if the text has more.
std::string excerpt(std::string_view text, std::size_t most);

}  // namespace wsbench::rpc
