#include "store/event/codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "store/event/bit_packing.hpp"
#include "store/event/codec_layout.hpp"

namespace wsbench::event {

namespace {

using layout::Column;
using layout::RawHeader;

tl::expected<RawHeader, CodecError> read_raw(std::string_view packed) noexcept {
  if (packed.size() < layout::kSmallest) return tl::unexpected(CodecError::truncated);
  const auto header = bits::load<RawHeader>(reinterpret_cast<const std::byte*>(packed.data()));
  if (header.magic != layout::kMagic) return tl::unexpected(CodecError::malformed);
  if (header.version < layout::kOldest || header.version > layout::kVersion)
    return tl::unexpected(CodecError::version);
  if (packed.size() < header.bytes) return tl::unexpected(CodecError::truncated);
  if (packed.size() > header.bytes || header.events > Block::kCapacity)
    return tl::unexpected(CodecError::malformed);
  return header;
}

/// Reads the columns of one block. Every method is false when a column is not what the header says.
class Reader {
 public:
  Reader(const RawHeader& header, const std::byte* packed, const Block::Columns& columns) noexcept
      : header_(header),
        kinds_(layout::kinds_of(header)),
        valued_(layout::valued_of(header)),
        out_(columns),
        events_(header.events) {
    const std::byte* at = packed + sizeof header;
    for (std::size_t i = 0; i < layout::kColumns; ++i, at = ends_[i - 1])
      ends_[i] = at + header.column_bytes[i];
    begin_ = packed + sizeof header;
  }

  bool kinds() noexcept {
    std::array<Kind, layout::kKindBits> dictionary{};
    std::size_t known = 0;
    for (unsigned kind = 0; kind < layout::kKindBits; ++kind)
      if ((kinds_ >> kind & 1U) != 0) dictionary[known++] = static_cast<Kind>(kind);
    const unsigned width = layout::kind_width(kinds_);
    if ((kinds_ & ~layout::kKnown) != 0 || (known == 0) != (events_ == 0) ||
        header_.column_bytes[layout::kinds] != bits::packed_bytes(events_, width))
      return false;
    if (width == 1) {
      two_kinds(dictionary);
      return true;
    }
    bits::unpack(begin(layout::kinds), column_.data(), events_, 0, width);
    std::uint64_t largest = 0;
    for (std::size_t i = 0; i < events_; ++i) {
      largest = std::max(largest, column_[i]);
      const Kind kind = dictionary[column_[i]];
      out_.kinds[i] = kind;
      sends_ += kind == Kind::send_message;
      recvs_ += kind == Kind::recv_message;
    }
    return events_ == 0 || largest < known;
  }

  bool times() noexcept {
    if (!column(layout::times, column_.data(), events_)) return false;
    auto time = static_cast<std::uint64_t>(header_.earliest);
    auto earliest = header_.latest, latest = header_.earliest;
    for (std::size_t i = 0; i < events_; ++i) {
      time += column_[i];
      const auto count = static_cast<Duration::rep>(time);
      earliest = std::min(earliest, count);
      latest = std::max(latest, count);
      out_.times[i] = Time(Duration(count));
    }
    return events_ == 0 || (earliest == header_.earliest && latest == header_.latest);
  }

  bool values() noexcept {
    const std::size_t count = count_valued();
    if (!column(layout::values, column_.data(), count)) return false;
    column_[count] = 0;
    std::size_t next = 0;
    for (std::size_t i = 0; i < events_; ++i) {
      const std::size_t present = valued(i);
      out_.values[i] = column_[next] & (0 - std::uint64_t{present});
      next += present;
    }
    return true;
  }

  bool identities() noexcept;

 private:
  void two_kinds(const std::array<Kind, layout::kKindBits>& dictionary) noexcept;
  void find_ordinals() noexcept;
  template <bool SendsRefer, bool RecvsRefer>
  bool follow() noexcept;

  const std::byte* begin(Column which) const noexcept { return which == 0 ? begin_ : ends_[which - 1U]; }

  bool column(Column which, std::uint64_t* values, std::size_t count) const noexcept {
    return bits::unpack_column(begin(which), ends_[which], values, count);
  }

  std::size_t valued(std::size_t i) const noexcept {
    return valued_ >> static_cast<unsigned>(out_.kinds[i]) & 1U;
  }

  std::size_t count_valued() const noexcept {
    if ((valued_ & kinds_ & ~layout::kMessages) == 0)
      return ((valued_ & layout::bit_of(Kind::send_message)) != 0 ? sends_ : 0) +
             ((valued_ & layout::bit_of(Kind::recv_message)) != 0 ? recvs_ : 0);
    std::size_t count = 0;
    for (std::size_t i = 0; i < events_; ++i) count += valued(i);
    return count;
  }

  /// A column of references, all 0 when it was left out; adds its zeros to `named`.
  bool references(Column which, std::uint64_t* values, std::size_t count, std::size_t& named) const noexcept {
    if (header_.column_bytes[which] == 0) {
      std::fill_n(values, count, 0U);
    } else if (!column(which, values, count)) {
      return false;
    }
    named += static_cast<std::size_t>(std::count(values, values + count, 0U));
    return true;
  }

  using Scratch = std::array<std::uint64_t, Block::kCapacity + 1>;

  const RawHeader& header_;
  const unsigned kinds_, valued_;  ///< sets of kinds
  const Block::Columns out_;
  const std::size_t events_;
  std::size_t sends_ = 0, recvs_ = 0;
  const std::byte* begin_ = nullptr;
  std::array<const std::byte*, layout::kColumns> ends_{};
  Scratch column_;  // this and the next are written before they are read, and too large to clear for nothing
  Scratch send_references_, recv_references_, ordinals_, clients_, sequences_;
};

/// A bit an event, as in nearly every block: eight of them at a time, each to a byte of its own.
void Reader::two_kinds(const std::array<Kind, layout::kKindBits>& dictionary) noexcept {
  constexpr std::uint64_t kBytes = 0x0101010101010101U, kOwnBit = 0x8040201008040201U;
  constexpr std::uint64_t kLow = 0x7F7F7F7F7F7F7F7FU;
  const std::array<std::uint64_t, 2> kinds{static_cast<std::uint64_t>(dictionary[0]) * kBytes,
                                           static_cast<std::uint64_t>(dictionary[1]) * kBytes};
  std::size_t ones = 0;
  for (std::size_t i = 0; i < events_; i += 8) {
    const std::size_t count = std::min<std::size_t>(8, events_ - i);
    auto bits = std::to_integer<std::uint64_t>(begin(layout::kinds)[i / 8]);
    bits &= 0xFFU >> (8 - count);
    ones += static_cast<std::size_t>(std::popcount(bits));
    // A byte is not 0 when its bit is set: then its own sum with 0x7F has the top bit.
    const std::uint64_t set =
        (((((bits * kBytes) & kOwnBit) & kLow) + kLow) | ((bits * kBytes) & kOwnBit)) & ~kLow;
    const std::uint64_t mask = (set >> 7U) * 0xFFU;
    const std::uint64_t eight = kinds[0] ^ (mask & (kinds[0] ^ kinds[1]));
    std::memcpy(out_.kinds + i, &eight, count);
  }
  const std::array<std::size_t, 2> counts{events_ - ones, ones};
  for (std::size_t which = 0; which < 2; ++which) {
    if (dictionary[which] == Kind::send_message) sends_ = counts[which];
    if (dictionary[which] == Kind::recv_message) recvs_ = counts[which];
  }
}

/// From the references of recvs to the ordinals of their sends; 0 stands for those that refer to nothing.
void Reader::find_ordinals() noexcept {
  std::uint64_t expected = 0;
  for (std::size_t recv = 0; recv < recvs_; ++recv) {
    const std::uint64_t reference = recv_references_[recv];
    const std::uint64_t refers = 0U - std::uint64_t{reference != 0};
    const std::uint64_t ordinal = expected + static_cast<std::uint64_t>(bits::unzigzag(reference - 1));
    expected = (refers & (ordinal + 1)) | (~refers & expected);
    ordinals_[recv] = ordinal & refers;
  }
  ordinals_[recvs_] = 0;
}

bool Reader::identities() noexcept {
  std::size_t named = events_ - sends_ - recvs_;
  if (!references(layout::sends, send_references_.data(), sends_, named) ||
      !references(layout::recvs, recv_references_.data(), recvs_, named) ||
      !column(layout::clients, clients_.data(), named) ||
      !column(layout::sequences, sequences_.data(), named))
    return false;
  send_references_[sends_] = recv_references_[recvs_] = 0;
  // The sequence on top, for it to wrap around by itself.
  for (std::size_t i = 0; i < named; ++i)
    clients_[i] = sequences_[i] << 32U | static_cast<std::uint32_t>(clients_[i]);
  clients_[named] = 0;
  const bool sends_refer = header_.column_bytes[layout::sends] != 0;
  const bool recvs_refer = header_.column_bytes[layout::recvs] != 0;
  if (!recvs_refer) return sends_refer ? follow<true, false>() : follow<false, false>();
  find_ordinals();
  return sends_refer ? follow<true, true>() : follow<false, true>();
}

// Which kind comes next cannot be predicted, and a branch upon it would cost more than all the rest: every
// event takes the same way, through the columns of references that the block has (in most loads one of the
// two was left out), and masks tell which of them holds. Indices are kept within the arrays, and whether they
// were right is told at the end.
template <bool SendsRefer, bool RecvsRefer>
bool Reader::follow() noexcept {
  constexpr std::uint64_t kPlaces = Block::kCapacity - 1;
  std::uint64_t* const identities = sequences_.data();  // free by now, as column_ is: the place of each send
  std::uint64_t next = 0, send = 0, recv = 0, wrong = 0;
  for (std::uint64_t i = 0; i < events_; ++i) {
    const std::uint64_t is_send = out_.kinds[i] == Kind::send_message;
    const std::uint64_t is_recv = out_.kinds[i] == Kind::recv_message;
    std::uint64_t reference = 0, from = 0, step = 0;
    if constexpr (SendsRefer) {
      reference = send_references_[send] & (0U - is_send);
      from = (i - reference) & (0U - is_send);
      step = is_send << 32U;
      wrong |= static_cast<std::uint64_t>(reference > i);
    }
    if constexpr (RecvsRefer) {
      const std::uint64_t recv_reference = recv_references_[recv] & (0U - is_recv);
      const std::uint64_t ordinal = ordinals_[recv];
      column_[send] = i;
      from |= column_[ordinal & kPlaces] & (0U - is_recv);
      wrong |= static_cast<std::uint64_t>((recv_reference != 0) & (ordinal >= send));
      reference |= recv_reference;
    }
    const std::uint64_t refers = 0U - std::uint64_t{reference != 0};
    const std::uint64_t referred = identities[from & kPlaces] + step;
    const std::uint64_t identity = (referred & refers) | (clients_[next] & ~refers);
    identities[i] = identity;
    out_.clients[i] = static_cast<std::uint32_t>(identity);
    out_.sequences[i] = static_cast<std::uint32_t>(identity >> 32U);
    next += 1 + refers;
    send += is_send;
    recv += is_recv;
  }
  return wrong == 0;
}

BlockHeader meaning_of(const RawHeader& raw) noexcept {
  BlockHeader header;
  header.info = {raw.round, static_cast<Phase>(raw.phase), raw.agent, raw.shard, raw.number};
  header.events = raw.events;
  header.earliest = Time(Duration(raw.earliest));
  header.latest = Time(Duration(raw.latest));
  header.kinds = static_cast<KindSet>(layout::kinds_of(raw));
  return header;
}

}  // namespace

std::string_view name(CodecError error) noexcept {
  switch (error) {
    case CodecError::truncated:
      return "truncated";
    case CodecError::checksum:
      return "checksum";
    case CodecError::version:
      return "version";
    case CodecError::malformed:
      return "malformed";
  }
  return "unknown";
}

tl::expected<BlockHeader, CodecError> read_header(std::string_view packed) noexcept {
  return read_raw(packed).map(meaning_of);
}

tl::expected<void, CodecError> unpack(std::string_view packed, Block& block) noexcept {
  const auto refuse = [&](CodecError error) {
    block.clear();
    return tl::unexpected(error);
  };
  const auto header = read_raw(packed);
  if (!header) return refuse(header.error());
  const auto* const begin = reinterpret_cast<const std::byte*>(packed.data());
  // The checksum is also what lets columns be read 8 bytes at a time up to their end.
  const std::size_t checked = packed.size() - layout::kChecksumBytes;
  if (bits::load<std::uint64_t>(begin + checked) != XXH3_64bits(begin, checked))
    return refuse(CodecError::checksum);
  const auto& sizes = header->column_bytes;
  if (std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{sizeof(RawHeader)}) != checked)
    return refuse(CodecError::malformed);

  const Block::Columns columns = block.resize(header->events);
  Reader reader(*header, begin, columns);
  if (!reader.kinds() || !reader.times() || !reader.values() || !reader.identities())
    return refuse(CodecError::malformed);
  block.info = meaning_of(*header).info;
  return {};
}

}  // namespace wsbench::event
