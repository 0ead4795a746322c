#include <algorithm>
#include <array>
#include <cassert>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "store/event/bit_packing.hpp"
#include "store/event/codec.hpp"
#include "store/event/codec_layout.hpp"

namespace wsbench::event {

namespace {

constexpr std::size_t kEvents = Block::kCapacity;
constexpr std::size_t kFrames = (kEvents + bits::kFrame - 1) / bits::kFrame;
constexpr std::size_t kLargest = layout::kSmallest + kEvents / 2 +
                                 (layout::kColumns - 1) * (8 * kEvents + kFrames * bits::kFrameOverhead) +
                                 bits::kSlack;

}  // namespace

/// The columns of one block on their way into the packed form. What is not set here is set by pack().
struct Packer::Scratch {
  static constexpr unsigned kBucketBits = 13;
  static constexpr std::uint16_t kNone = 0xFFFF;

  std::array<std::byte, kLargest> packed;
  std::array<std::uint64_t, kEvents> column;
  std::array<std::uint64_t, kEvents> clients;
  std::array<std::uint64_t, kEvents> sequences;
  std::array<std::uint64_t, kEvents> sends;
  std::array<std::uint64_t, kEvents> recvs;
  // The messages so far by (client, sequence): chains of event indices, the newest first.
  std::array<std::uint16_t, std::size_t{1} << kBucketBits> newest;
  std::array<std::uint16_t, kEvents> older;
  std::array<std::uint16_t, kEvents> send_ordinal;  ///< by event index, of sends

  static std::size_t bucket(std::uint32_t client, std::uint32_t sequence) noexcept {
    const std::uint64_t key = (std::uint64_t{client} << 32U) | sequence;
    return (key * 0x9E3779B97F4A7C15U) >> (64U - kBucketBits);
  }

  std::uint16_t find(const Block& block, std::uint32_t client, std::uint32_t sequence,
                     bool send_only) const noexcept;
  void find_references(const Block& block, unsigned& sends_named, unsigned& recvs_named) noexcept;
  std::byte* pack_kinds(std::byte* to, const Block& block, unsigned set) noexcept;
  std::byte* pack_times(std::byte* to, const Block& block, Time earliest) noexcept;
  std::byte* pack_values(std::byte* to, const Block& block, unsigned valued) noexcept;
  std::byte* pack_identities(std::byte* to, const Block& block, layout::RawHeader& header) noexcept;
};

/// The newest message with this client and sequence, or kNone. A chain is followed a few steps only: more
/// are needed by nothing but a flood of echoes of one message, and a reference is only ever a saving.
std::uint16_t Packer::Scratch::find(const Block& block, std::uint32_t client, std::uint32_t sequence,
                                    bool send_only) const noexcept {
  std::uint16_t at = newest[bucket(client, sequence)];
  for (int step = 0; step < 16 && at != kNone; ++step, at = older[at]) {
    if (block.clients()[at] == client && block.sequences()[at] == sequence &&
        (!send_only || block.kinds()[at] == Kind::send_message))
      return at;
  }
  return kNone;
}

/// Fills `sends` and `recvs`, and tells how many of either refer to nothing.
void Packer::Scratch::find_references(const Block& block, unsigned& sends_named,
                                      unsigned& recvs_named) noexcept {
  newest.fill(kNone);
  std::size_t send_count = 0, recv_count = 0;
  std::int64_t expected = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const Kind kind = block.kinds()[i];
    const std::uint32_t client = block.clients()[i], sequence = block.sequences()[i];
    if (kind == Kind::send_message) {
      const std::uint16_t at = find(block, client, sequence - 1, false);
      sends_named += at == kNone;
      send_ordinal[i] = static_cast<std::uint16_t>(send_count);
      sends[send_count++] = at == kNone ? 0 : i - at;
    } else if (kind == Kind::recv_message) {
      const std::uint16_t at = find(block, client, sequence, true);
      recvs_named += at == kNone;
      recvs[recv_count++] = at == kNone ? 0 : 1 + bits::zigzag(send_ordinal[at] - expected);
      if (at != kNone) expected = send_ordinal[at] + 1;
    } else {
      continue;
    }
    std::uint16_t& head = newest[bucket(client, sequence)];
    older[i] = head;
    head = static_cast<std::uint16_t>(i);
  }
}

std::byte* Packer::Scratch::pack_kinds(std::byte* to, const Block& block, unsigned set) noexcept {
  const unsigned width = layout::kind_width(set);
  if (width == 0) return to;
  std::array<std::uint8_t, layout::kKindBits> index{};
  std::uint8_t next = 0;
  for (unsigned kind = 0; kind < layout::kKindBits; ++kind)
    if ((set >> kind & 1U) != 0) index[kind] = next++;
  for (std::size_t i = 0; i < block.size(); ++i)
    column[i] = index[static_cast<std::size_t>(block.kinds()[i])];
  return bits::pack(to, column.data(), block.size(), 0, width);
}

std::byte* Packer::Scratch::pack_times(std::byte* to, const Block& block, Time earliest) noexcept {
  // Unsigned: the difference of two times may not fit into an int64, and wraps around back on unpacking.
  auto last = static_cast<std::uint64_t>(earliest.time_since_epoch().count());
  for (std::size_t i = 0; i < block.size(); ++i) {
    const auto time = static_cast<std::uint64_t>(block.times()[i].time_since_epoch().count());
    column[i] = time - last;
    last = time;
  }
  return bits::pack_column(to, column.data(), block.size());
}

std::byte* Packer::Scratch::pack_values(std::byte* to, const Block& block, unsigned valued) noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    column[count] = block.values()[i];
    count += valued >> static_cast<unsigned>(block.kinds()[i]) & 1U;
  }
  return bits::pack_column(to, column.data(), count);
}

/// The last four columns. Where most of the sends (or recvs) of a block refer to nothing, references would
/// widen every frame for the few that do.
std::byte* Packer::Scratch::pack_identities(std::byte* to, const Block& block,
                                            layout::RawHeader& header) noexcept {
  unsigned sends_named = 0, recvs_named = 0;
  if ((layout::kinds_of(header) & layout::kMessages) != 0) find_references(block, sends_named, recvs_named);
  const auto& kinds = block.kinds();
  const auto send_count =
      static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), Kind::send_message));
  const auto recv_count =
      static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), Kind::recv_message));
  const bool refer_sends = 2 * sends_named < send_count;
  const bool refer_recvs = 2 * recvs_named < recv_count;

  std::size_t named = 0, send = 0, recv = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    clients[named] = block.clients()[i];
    sequences[named] = block.sequences()[i];
    if (kinds[i] == Kind::send_message)
      named += !refer_sends || sends[send++] == 0;
    else if (kinds[i] == Kind::recv_message)
      named += !refer_recvs || recvs[recv++] == 0;
    else
      ++named;
  }

  const auto column_bytes = [&](layout::Column which, const auto& from, std::size_t count) {
    std::byte* const end = bits::pack_column(to, from.data(), count);
    header.column_bytes[which] = static_cast<std::uint32_t>(end - to);
    to = end;
  };
  column_bytes(layout::sends, sends, refer_sends ? send_count : 0);
  column_bytes(layout::recvs, recvs, refer_recvs ? recv_count : 0);
  column_bytes(layout::clients, clients, named);
  column_bytes(layout::sequences, sequences, named);
  return to;
}

Packer::Packer() : scratch_(new Scratch) {}
Packer::~Packer() = default;
Packer::Packer(Packer&&) noexcept = default;
Packer& Packer::operator=(Packer&&) noexcept = default;

std::string_view Packer::pack(const Block& block) noexcept {
  assert(block.size() <= kEvents);
  layout::RawHeader header{};
  Time earliest{}, latest{};
  if (!block.empty()) {
    const auto [low, high] = std::minmax_element(block.times().begin(), block.times().end());
    earliest = *low;
    latest = *high;
  }
  unsigned kinds = 0, valued = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const unsigned bit = layout::bit_of(block.kinds()[i]);
    assert((bit & layout::kKnown) != 0);
    kinds |= bit;
    if (block.values()[i] != 0) valued |= bit;
  }
  header.low_kinds = static_cast<std::uint8_t>(kinds);
  header.high_kinds = static_cast<std::uint8_t>(kinds >> 8U);
  header.low_valued = static_cast<std::uint8_t>(valued);
  header.high_valued = static_cast<std::uint8_t>(valued >> 8U);
  header.magic = layout::kMagic;
  header.version = layout::kVersion;
  header.phase = static_cast<std::uint8_t>(block.info.phase);
  header.events = static_cast<std::uint32_t>(block.size());
  header.earliest = earliest.time_since_epoch().count();
  header.latest = latest.time_since_epoch().count();
  header.number = block.info.number;
  header.round = block.info.round;
  header.agent = block.info.agent;
  header.shard = block.info.shard;

  std::byte* const begin = scratch_->packed.data();
  std::byte* to = begin + sizeof header;
  const auto column_bytes = [&](layout::Column which, std::byte* end) {
    header.column_bytes[which] = static_cast<std::uint32_t>(end - to);
    to = end;
  };
  column_bytes(layout::kinds, scratch_->pack_kinds(to, block, kinds));
  column_bytes(layout::times, scratch_->pack_times(to, block, earliest));
  column_bytes(layout::values, scratch_->pack_values(to, block, valued));
  to = scratch_->pack_identities(to, block, header);
  header.bytes = static_cast<std::uint32_t>(to - begin) + layout::kChecksumBytes;
  bits::store(begin, header);
  to = bits::store(to, std::uint64_t{XXH3_64bits(begin, static_cast<std::size_t>(to - begin))});
  return {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(to - begin)};
}

}  // namespace wsbench::event
