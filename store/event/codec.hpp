#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <tl/expected.hpp>

#include "store/event/block.hpp"

// The packed form of a block: what is stored, and what a load machine would send to another. Version 2, all
// integers little-endian; `column` and `frame` are those of bit_packing.hpp. Version 1, which is still read,
// has zeros in place of the high bytes.
//
//   block     := header kinds times values sends recvs clients sequences checksum
//   header    := magic "wsbl"       4 bytes
//                version            u8, 2
//                kinds              u8, the low byte of the set of the kinds that are in the block
//                valued             u8, likewise: of those whose values are stored; others are 0
//                phase              u8
//                bytes              u32, of the whole block, checksum included
//                events             u32, at most Block::kCapacity
//                earliest, latest   i64 each, ns since the Unix epoch; 0 in an empty block
//                number             u32
//                round agent shard  u16 each
//                high bytes         u8 each, of kinds and valued
//                column bytes       u32 each, of the seven columns
//   kinds     := indices into the set bits of `kinds`, in ceil(log2(how many are set)) bits each
//   times     := column             a time less the one before; the first one less `earliest`
//   values    := column             of the events whose kind is valued
//   sends     := column             of the send_message events: how many events back the latest message event
//                                   of the same client with sequence - 1 stands; 0: the next named message
//   recvs     := column             of the recv_message events: 1 + zigzag(s - t), where their send is the
//                                   s-th send of the block and t is one more than that of the recv_message
//                                   before (0 for the first); 0: the next named message
//   clients, sequences := column    the named ones: those of sends and recvs that say 0, and of all events
//                                   that are not messages, in the order of events
//   checksum  := u64                XXH3, 64 bits, of all before it
//
// `sends` and `recvs` are left out (0 bytes; every such event is named) where most would say 0. They exist
// because an echo's client and sequence are known from its send, and a closed loop's next send from the echo
// before: without them these two fields are a third of a block.

namespace wsbench::event {

enum class CodecError : std::uint8_t {
  truncated,  ///< shorter than it says, or than any block is
  checksum,
  version,    ///< written by another version of the codec
  malformed,  ///< not a block, or a column that contradicts the header
};
std::string_view name(CodecError error) noexcept;

/// What can be told of a packed block without unpacking it.
struct BlockHeader {
  BlockInfo info;
  std::size_t events = 0;
  Time earliest{};
  Time latest{};
  KindSet kinds = 0;  ///< of the events in the block
};

/// Packs blocks one after the other into a buffer of its own. Used from one thread.
class Packer {
 public:
  Packer();
  ~Packer();
  Packer(Packer&&) noexcept;
  Packer& operator=(Packer&&) noexcept;

  /// The packed block, valid until the next call. Kinds must be enumerators of Kind. Never fails.
  std::string_view pack(const Block& block) noexcept;

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

/// Reads the header only; the checksum is not looked at.
[[nodiscard]] tl::expected<BlockHeader, CodecError> read_header(std::string_view packed) noexcept;

/// Overwrites `block` with what was packed. On an error the block is empty.
[[nodiscard]] tl::expected<void, CodecError> unpack(std::string_view packed, Block& block) noexcept;

}  // namespace wsbench::event
