#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "store/timeline.hpp"

// ClickHouse's RowBinary: the values of a row one after the other, little-endian; a String is its length in
// LEB128 and its bytes; an Enum8 is its number. Source: ClickHouse's documentation of input formats.

namespace wsbench::exports {

/// The columns of a row, in their order, for INSERT.
constexpr std::string_view kRowBinaryColumns =
    "run, contestant, round, batch, time_ns, phase, kind, agent, shard, client, sequence, value";

/// Events as rows of one run and contestant. Used from one thread.
class RowBinary {
 public:
  RowBinary(std::string_view run, std::string_view contestant);

  void append(const store::Placed& placed, std::uint32_t batch);
  void clear() noexcept;

  const std::string& bytes() const noexcept { return bytes_; }
  std::uint64_t rows() const noexcept { return rows_; }

 private:
  std::string prefix_;  ///< run and contestant, as every row has them
  std::string bytes_;
  std::uint64_t rows_ = 0;
};

}  // namespace wsbench::exports
