#pragma once

#include <cstddef>
#include <cstdint>
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

 private:
  const char* filler(std::uint32_t client, std::uint32_t sequence) const noexcept;

  std::size_t size_;
  std::string text_;
};

}  // namespace wsbench::client
