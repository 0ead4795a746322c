#include "store/event/bit_packing.hpp"

namespace wsbench::event::bits {

namespace {

std::byte* store_varint(std::byte* to, std::uint64_t value) noexcept {
  for (; value >= 0x80U; value >>= 7U) *to++ = static_cast<std::byte>(value | 0x80U);
  *to++ = static_cast<std::byte>(value);
  return to;
}

const std::byte* load_varint(const std::byte* from, const std::byte* end, std::uint64_t& value) noexcept {
  value = 0;
  for (unsigned shift = 0; from != end && shift < 64; shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(*from++);
    value |= (byte & 0x7FU) << shift;
    if (byte < 0x80U) return from;
  }
  return nullptr;
}

}  // namespace

std::byte* pack_column(std::byte* to, const std::uint64_t* values, std::size_t count) noexcept {
  for (std::size_t first = 0; first < count; first += kFrame) {
    const std::uint64_t* const frame = values + first;
    const std::size_t size = std::min(kFrame, count - first);
    auto low = static_cast<std::int64_t>(frame[0]);
    auto high = low;
    for (std::size_t i = 1; i < size; ++i) {
      low = std::min(low, static_cast<std::int64_t>(frame[i]));
      high = std::max(high, static_cast<std::int64_t>(frame[i]));
    }
    const auto base = static_cast<std::uint64_t>(low);
    const unsigned width = width_for(static_cast<std::uint64_t>(high) - base);
    *to++ = static_cast<std::byte>(width);
    to = store_varint(to, zigzag(low));
    to = pack(to, frame, size, base, width);
  }
  return to;
}

bool unpack_column(const std::byte* from, const std::byte* end, std::uint64_t* values,
                   std::size_t count) noexcept {
  for (std::size_t first = 0; first < count; first += kFrame) {
    const std::size_t size = std::min(kFrame, count - first);
    if (from == end) return false;
    const auto width = std::to_integer<unsigned>(*from++);
    if (width > kWidest && width != 64) return false;
    std::uint64_t base = 0;
    from = load_varint(from, end, base);
    if (from == nullptr) return false;
    const std::size_t bytes = packed_bytes(size, width);
    if (static_cast<std::size_t>(end - from) < bytes) return false;
    unpack(from, values + first, size, static_cast<std::uint64_t>(unzigzag(base)), width);
    from += bytes;
  }
  return from == end;
}

}  // namespace wsbench::event::bits
