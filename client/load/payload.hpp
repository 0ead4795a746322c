#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wsbench::client {

/// The bytes of every message of a load. A message is printable ASCII, so that it is valid UTF-8 in a text
/// frame:
///
///   payload  = client sequence filler
///   client   = 4 characters, the low 24 bits of the client's number, base 64, most significant first
///   sequence = 4 characters, the low 24 bits of the sequence number, likewise
///   filler   = size - 8 characters of the load's pseudo-random text, from a place that depends on both
///   numbers
///
/// so that an echo of another client, of another message or of a damaged one is told apart by comparing
/// memory. Immutable after construction: shards share it.
class PayloadSource {
 public:
  static constexpr std::size_t kHead = 8;

  /// Precondition: size >= kHead.
  PayloadSource(std::size_t size, std::uint64_t seed);

  std::size_t size() const noexcept { return size_; }

  /// Writes size() bytes to `out`.
  void write(char* out, std::uint32_t client, std::uint32_t sequence) const noexcept;

  /// Whether `payload` is exactly what write() gives.
  bool matches(std::string_view payload, std::uint32_t client, std::uint32_t sequence) const noexcept;

  /// What a payload's head says: the low 24 bits of either number.
  struct Head {
    std::uint32_t client = 0;
    std::uint32_t sequence = 0;
  };
  static constexpr std::uint32_t kHeadMask = (1U << 24U) - 1;

  /// None when the payload does not begin with a head.
  static std::optional<Head> head_of(std::string_view payload) noexcept;

  /// Whether the filler, of which at least half must be the same in the same place, makes `payload` an echo
  /// of this message, altered or not. A message that is all head resembles every other.
  bool resembles(std::string_view payload, std::uint32_t client, std::uint32_t sequence) const noexcept;

  /// Whether there is filler enough for resembles() to tell messages apart.
  bool tells_by_filler() const noexcept { return size_ >= kHead + 4; }

 private:
  const char* filler(std::uint32_t client, std::uint32_t sequence) const noexcept;

  std::size_t size_;
  std::string text_;
};

}  // namespace wsbench::client
