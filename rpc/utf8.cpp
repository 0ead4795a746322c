#include "rpc/utf8.hpp"

#include <cassert>

namespace wsbench::rpc {

Utf8Step next_utf8(std::string_view text) noexcept {
  assert(!text.empty());
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};

  std::size_t length = 0;
  char32_t code_point = 0;
  char32_t smallest = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2, code_point = lead & 0x1FU, smallest = 0x80;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3, code_point = lead & 0x0FU, smallest = 0x800;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4, code_point = lead & 0x07U, smallest = 0x10000;
  }
  if (length == 0 || length > text.size()) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code_point = code_point << 6U | (byte(i) & 0x3FU);
  }
  if (code_point < smallest || code_point > 0x10FFFF) return {};
  return {code_point, length, true};
}

void append_utf8(std::string& out, char32_t code_point) {
  assert(code_point <= 0x10FFFF);
  const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  const auto put_tail = [&](unsigned shift) { put(0x80U | (code_point >> shift & 0x3FU)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | code_point >> 6U);
    put_tail(0);
  } else if (code_point < 0x10000) {
    put(0xE0U | code_point >> 12U);
    put_tail(6);
    put_tail(0);
  } else {
    put(0xF0U | code_point >> 18U);
    put_tail(12);
    put_tail(6);
    put_tail(0);
  }
}

}  // namespace wsbench::rpc
