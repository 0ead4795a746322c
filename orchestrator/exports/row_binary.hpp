#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/read/timeline.hpp"

// ClickHouse's RowBinary: the values of a row one after the other, little-endian; a String is its length in
// LEB128 and its bytes; an Enum8 is its number. Source: ClickHouse's documentation of input formats.

namespace wsbench::exports {

/// The columns of a row, in their order, for INSERT.
constexpr std::string_view kRowBinaryColumns =
    "run, contestant, round, batch, time_ns, phase, kind, agent, shard, client, sequence, value";

/// Tells one batch of rows from another, since no two measurements have the same times.
struct Fingerprint {
  std::uint64_t rows = 0;
  std::int64_t first_ns = 0, last_ns = 0;  ///< the smallest and the largest time_ns
  std::uint64_t clients = 0;               ///< the sum of the column `client`
  std::uint64_t values = 0;                ///< the sum of the column `value`, modulo 2^64 as ClickHouse adds
  bool operator==(const Fingerprint&) const = default;
};

/// Encodes events of one run and contestant as rows. Used from one thread.
class RowBinary {
 public:
  RowBinary(std::string_view run, std::string_view contestant);

  void append(const store::Placed& placed, std::uint32_t batch);
  void clear() noexcept;

  const std::string& bytes() const noexcept { return bytes_; }
  std::uint64_t rows() const noexcept { return fingerprint_.rows; }
  const Fingerprint& fingerprint() const noexcept { return fingerprint_; }

 private:
  std::string prefix_;  ///< run and contestant, with which every row begins
  std::string bytes_;
  Fingerprint fingerprint_;
};

}  // namespace wsbench::exports
