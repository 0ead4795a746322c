#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

// Integers in frames of reference: the inside of the block codec.
//
//   column := frame*                 128 values each, the last one the rest
//   frame  := width base packed
//   width  := u8                     bits a value: 0 to 57, or 64
//   base   := LEB128(zigzag(i64))    the smallest value of the frame, compared as i64
//   packed := (value - base) * n     width bits each, lowest bit first, filled up to a whole byte
//
// All arithmetic is modulo 2^64, so that every 64-bit value can stand in a column. A reader loads 8 bytes at
// a time and may read up to 7 bytes behind a frame: whoever stores a column puts at least that much behind
// it.

namespace wsbench::event::bits {

static_assert(std::endian::native == std::endian::little, "the packed form is the memory's own");

constexpr std::size_t kFrame = 128;
constexpr unsigned kWidest = 57;  ///< a wider value may straddle nine bytes, and is stored whole
constexpr std::size_t kFrameOverhead = 11;
constexpr std::size_t kSlack = 8;  ///< bytes that a writer may touch behind what it has written

template <typename T>
inline T load(const std::byte* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename T>
inline std::byte* store(std::byte* to, T value) noexcept {
  std::memcpy(to, &value, sizeof value);
  return to + sizeof value;
}

constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}

constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

constexpr std::size_t packed_bytes(std::size_t count, unsigned width) noexcept {
  return (count * width + 7) / 8;
}

/// Bits for values of at most `largest`, as a width that may stand in a frame.
constexpr unsigned width_for(std::uint64_t largest) noexcept {
  const auto width = static_cast<unsigned>(std::bit_width(largest));
  return width > kWidest ? 64 : width;
}

/// Writes `count` values less `base`; returns the end. Touches up to kSlack bytes behind it.
inline std::byte* pack(std::byte* to, const std::uint64_t* values, std::size_t count, std::uint64_t base,
                       unsigned width) noexcept {
  if (width == 0) return to;
  std::byte* const end = to + packed_bytes(count, width);
  std::uint64_t word = 0;
  unsigned filled = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t value = values[i] - base;
    word |= value << filled;
    filled += width;
    if (filled >= 64) {
      to = store(to, word);
      filled -= 64;
      word = filled == 0 ? 0 : value >> (width - filled);
    }
  }
  store(to, word);
  return end;
}

template <unsigned Width>
inline std::uint64_t extract(const std::byte* from, std::size_t i) noexcept {
  if constexpr (Width == 0) return 0;
  if constexpr (Width == 64) return load<std::uint64_t>(from + 8 * i);
  const std::size_t bit = i * Width;
  return (load<std::uint64_t>(from + bit / 8) >> (bit % 8)) & ((std::uint64_t{1} << (Width % 64)) - 1);
}

/// With the width known to the compiler, eight values are straight-line code over constant offsets.
template <unsigned Width>
void unpack_width(const std::byte* from, std::uint64_t* values, std::size_t count,
                  std::uint64_t base) noexcept {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8, from += Width) {
#pragma GCC unroll 8
    for (std::size_t j = 0; j < 8; ++j) values[i + j] = base + extract<Width>(from, j);
  }
  for (std::size_t j = 0; i + j < count; ++j) values[i + j] = base + extract<Width>(from, j);
}

using UnpackFunction = void (*)(const std::byte*, std::uint64_t*, std::size_t, std::uint64_t) noexcept;

template <unsigned... Widths>
constexpr std::array<UnpackFunction, sizeof...(Widths)> unpack_functions(
    std::integer_sequence<unsigned, Widths...> /*widths*/) noexcept {
  return {(&unpack_width<(Widths <= kWidest ? Widths : 64)>)...};
}

inline constexpr auto kUnpack = unpack_functions(std::make_integer_sequence<unsigned, kWidest + 2>());

/// Reads `count` values of `width` (0 to kWidest, or 64) bits, each plus `base`.
inline void unpack(const std::byte* from, std::uint64_t* values, std::size_t count, std::uint64_t base,
                   unsigned width) noexcept {
  kUnpack[std::min(width, kWidest + 1)](from, values, count, base);
}

/// Appends a column at `to`; returns its end.
std::byte* pack_column(std::byte* to, const std::uint64_t* values, std::size_t count) noexcept;

/// Reads a column of `count` values that must fill [from, end) exactly, with at least 7 readable bytes behind
/// `end`. False when it does not.
bool unpack_column(const std::byte* from, const std::byte* end, std::uint64_t* values,
                   std::size_t count) noexcept;

}  // namespace wsbench::event::bits
