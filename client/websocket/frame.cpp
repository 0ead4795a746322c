#include "client/websocket/frame.hpp"

#include <cstring>

namespace wsbench::client {

std::string frame_header(Opcode opcode, bool last, std::size_t size, std::uint32_t mask) {
  std::string header;  // At most 14 bytes: no allocation.
  header.push_back(static_cast<char>((last ? 0x80U : 0U) | static_cast<unsigned>(opcode)));
  constexpr unsigned kMasked = 0x80;
  unsigned length_bytes = 0;
  if (size < 126) {
    header.push_back(static_cast<char>(kMasked | size));
  } else if (size <= 0xFFFF) {
    header.push_back(static_cast<char>(kMasked | 126U));
    length_bytes = 2;
  } else {
    header.push_back(static_cast<char>(kMasked | 127U));
    length_bytes = 8;
  }
  for (unsigned i = length_bytes; i-- > 0;) header.push_back(static_cast<char>(size >> (8 * i)));
  char key[sizeof mask];
  std::memcpy(key, &mask, sizeof mask);
  header.append(key, sizeof mask);
  return header;
}

void append_masked(std::string& out, std::string_view bytes, std::uint32_t mask) {
  const std::size_t begin = out.size();
  out.append(bytes.data(), bytes.size());
  char* at = out.data() + begin;
  const std::uint64_t wide = (std::uint64_t{mask} << 32U) | mask;
  std::size_t i = 0;
  for (; i + sizeof wide <= bytes.size(); i += sizeof wide) {
    std::uint64_t word;
    std::memcpy(&word, at + i, sizeof word);
    word ^= wide;
    std::memcpy(at + i, &word, sizeof word);
  }
  char key[sizeof mask];
  std::memcpy(key, &mask, sizeof mask);
  for (; i < bytes.size(); ++i) at[i] = static_cast<char>(at[i] ^ key[i % sizeof mask]);
}

}  // namespace wsbench::client
