#include "rpc/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include "rpc/xml_text.hpp"

namespace wsbench::rpc {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kInvalid = 0xFF;

constexpr std::array<std::uint8_t, 256> make_reverse_alphabet() {
  std::array<std::uint8_t, 256> reverse{};
  reverse.fill(kInvalid);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    reverse[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return reverse;
}

constexpr auto kReverseAlphabet = make_reverse_alphabet();

}  // namespace

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t available = bytes.size() - i;
    const auto byte = [&](std::size_t k) -> std::uint32_t {
      return k < available ? static_cast<std::uint8_t>(bytes[i + k]) : 0U;
    };
    const std::uint32_t group = byte(0) << 16U | byte(1) << 8U | byte(2);
    text += kAlphabet[group >> 18U];
    text += kAlphabet[group >> 12U & 63U];
    text += available > 1 ? kAlphabet[group >> 6U & 63U] : '=';
    text += available > 2 ? kAlphabet[group & 63U] : '=';
  }
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (is_blank(c)) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::uint8_t digit = kReverseAlphabet[static_cast<std::uint8_t>(c)];
    if (digit == kInvalid || padding != 0) return std::nullopt;
    group = group << 6U | digit;
    if (++digits % 4 == 0) {
      bytes += static_cast<char>(group >> 16U & 0xFFU);
      bytes += static_cast<char>(group >> 8U & 0xFFU);
      bytes += static_cast<char>(group & 0xFFU);
    }
  }
  if ((digits + padding) % 4 != 0 || padding > 2) return std::nullopt;
  if (digits % 4 == 2) {
    bytes += static_cast<char>(group >> 4U & 0xFFU);
  } else if (digits % 4 == 3) {
    bytes += static_cast<char>(group >> 10U & 0xFFU);
    bytes += static_cast<char>(group >> 2U & 0xFFU);
  }
  return bytes;
}

}  // namespace wsbench::rpc
