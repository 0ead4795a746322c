#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/event/codec.hpp"

// The keys of a run's database. All integers are big-endian, so that byte order is their order.
//
// The default column family:
//   "d" name               a document
//   "j" u64                a journal entry; the number counts up
// A column family "c:" contestant for each contestant, one entry per block of events:
//   round  u16
//   phase  u8
//   time   u64             the earliest in the block, ns since the Unix epoch
//   agent  u16
//   shard  u16
//   number u32
// The value of a block is its packed form (store/event/codec.hpp).

namespace wsbench::store::keys {

std::string document(std::string_view name);
std::string journal(std::uint64_t number);
/// The name in a document's key, the number in a journal entry's; none for any other key.
std::optional<std::string_view> document_name(std::string_view key) noexcept;
std::optional<std::uint64_t> journal_number(std::string_view key) noexcept;

std::string family(std::string_view contestant);
std::optional<std::string_view> contestant(std::string_view family) noexcept;

struct BlockKey {
  event::BlockInfo info;
  event::Time earliest{};  ///< not before 1970
};

std::string block(const BlockKey& key);
/// None when that is no block's key.
std::optional<BlockKey> parse_block(std::string_view key) noexcept;

/// What the keys of a round's blocks, or of one phase in it, begin with.
std::string block_prefix(std::uint16_t round);
std::string block_prefix(std::uint16_t round, event::Phase phase);

/// The smallest string above all that begin with `prefix`, among strings that are shorter than 32 bytes.
std::string behind(std::string_view prefix);

}  // namespace wsbench::store::keys
