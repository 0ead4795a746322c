#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What a client's frame looks like on the wire (RFC 6455, section 5.2). (Clean in C++17 and C++20.)

namespace wsbench::client {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// The shortest header for a payload of `size` bytes, 6 to 14 bytes long. The bytes of the mask go out as
/// they lie in memory. `last`: the FIN bit.
std::string frame_header(Opcode opcode, bool last, std::size_t size, std::uint32_t mask);

/// Appends `bytes`, masked: each xored with its byte of the mask, whose first byte is the first in memory.
void append_masked(std::string& out, std::string_view bytes, std::uint32_t mask);

}  // namespace wsbench::client
