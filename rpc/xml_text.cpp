#include "rpc/xml_text.hpp"

#include <algorithm>

#include "rpc/utf8.hpp"

namespace wsbench::rpc {
namespace {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

bool is_xml_character(char32_t c) noexcept {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c <= 0xD7FF || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

/// Appends the first character of text, or what replaces it. Returns how many bytes of text it has.
std::size_t append_allowed(std::string& out, std::string_view text) {
  const Utf8Step step = next_utf8(text);
  if (step.is_valid && is_xml_character(step.code_point)) {
    out += text.substr(0, step.length);
  } else if (step.length == kReplacementCharacter.size()) {
    out += kReplacementCharacter;
  } else {
    out += '?';
  }
  return step.length;
}

std::size_t append_escaped_character(std::string& out, std::string_view text) {
  switch (text.front()) {
    case '&':
      out += "&amp;";
      return 1;
    case '<':
      out += "&lt;";
      return 1;
    case '>':
      out += "&gt;";
      return 1;
    case '\r':  // a parser would turn it into a line feed
      out += "&#13;";
      return 1;
    default:
      return append_allowed(out, text);
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) text.remove_prefix(append_escaped_character(out, text));
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) text.remove_prefix(append_allowed(out, text));
  return out;
}

std::string excerpt(std::string_view text, std::size_t most) {
  const auto is_inside_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  std::size_t end = std::min(text.size(), most);
  while (end > 0 && end < text.size() && most - end < 3 && is_inside_character(text[end])) --end;
  std::string shown = printable(text.substr(0, end));
  std::replace_if(shown.begin(), shown.end(), is_blank, ' ');
  return end < text.size() ? shown + "..." : shown;
}

}  // namespace wsbench::rpc
