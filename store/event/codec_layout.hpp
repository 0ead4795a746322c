#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "store/event/event.hpp"

// What packing and unpacking share of the grammar in codec.hpp.

namespace wsbench::event::layout {

static_assert(std::endian::native == std::endian::little, "RawHeader is copied as it lies in memory");

constexpr std::uint32_t kMagic = 0x6C627377;  // "wsbl"
constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kOldest = 1;  ///< that can be read: it knew kinds below 8 only
constexpr std::size_t kChecksumBytes = 8;
constexpr unsigned kKindBits = 16;  ///< Kind is below this: a set of kinds is two bytes

enum Column : std::uint8_t { kinds, times, values, sends, recvs, clients, sequences, kColumns };

struct RawHeader {
  std::uint32_t magic;
  std::uint8_t version;
  std::uint8_t low_kinds;
  std::uint8_t low_valued;
  std::uint8_t phase;
  std::uint32_t bytes;
  std::uint32_t events;
  std::int64_t earliest;
  std::int64_t latest;
  std::uint32_t number;
  std::uint16_t round;
  std::uint16_t agent;
  std::uint16_t shard;
  std::uint8_t high_kinds;
  std::uint8_t high_valued;
  std::array<std::uint32_t, kColumns> column_bytes;
};
static_assert(sizeof(RawHeader) == 72 && std::is_trivially_copyable_v<RawHeader>);

/// The two sets of kinds; in version 1 nothing stood in their high bytes.
constexpr unsigned kinds_of(const RawHeader& header) noexcept {
  return header.low_kinds | (header.version == 1 ? 0U : unsigned{header.high_kinds} << 8U);
}
constexpr unsigned valued_of(const RawHeader& header) noexcept {
  return header.low_valued | (header.version == 1 ? 0U : unsigned{header.high_valued} << 8U);
}

constexpr std::size_t kSmallest = sizeof(RawHeader) + kChecksumBytes;

constexpr unsigned bit_of(Kind kind) noexcept {
  return 1U << static_cast<unsigned>(kind);
}

constexpr unsigned kMessages = bit_of(Kind::send_message) | bit_of(Kind::recv_message);
constexpr unsigned kKnown = 0x7FFE;  ///< every enumerator of Kind

/// Bits of an index into a set of kinds.
constexpr unsigned kind_width(unsigned set) noexcept {
  const auto size = static_cast<unsigned>(std::popcount(set));
  return size < 2 ? 0 : static_cast<unsigned>(std::bit_width(size - 1));
}

}  // namespace wsbench::event::layout
