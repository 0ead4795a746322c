#include "orchestrator/exports/row_binary.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace wsbench::exports {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as memory holds them");

void put_string(std::string& to, std::string_view text) {
  std::size_t length = text.size();
  for (; length > 0x7F; length >>= 7U) to += static_cast<char>(length | 0x80U);
  to += static_cast<char>(length);
  to += text;
}

/// The part of a row after its strings.
class Fields {
 public:
  template <typename T>
  void put(T value) noexcept {
    std::memcpy(bytes_.data() + size_, &value, sizeof value);
    size_ += sizeof value;
  }
  std::string_view text() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, 64> bytes_;
  std::size_t size_ = 0;
};

}  // namespace

RowBinary::RowBinary(std::string_view run, std::string_view contestant) {
  put_string(prefix_, run);
  put_string(prefix_, contestant);
}

void RowBinary::append(const store::Placed& placed, std::uint32_t batch) {
  const event::Block& block = *placed.block;
  const std::uint32_t i = placed.index;
  Fields fields;
  fields.put(block.info.round);
  fields.put(batch);
  const std::int64_t time_ns{placed.time.time_since_epoch().count()};
  fields.put(time_ns);
  fields.put(block.info.phase);
  fields.put(block.kinds()[i]);
  fields.put(block.info.agent);
  fields.put(block.info.shard);
  fields.put(block.clients()[i]);
  fields.put(block.sequences()[i]);
  fields.put(block.values()[i]);
  bytes_ += prefix_;
  bytes_ += fields.text();
  Fingerprint& whole = fingerprint_;
  whole.first_ns = whole.rows == 0 ? time_ns : std::min(whole.first_ns, time_ns);
  whole.last_ns = whole.rows == 0 ? time_ns : std::max(whole.last_ns, time_ns);
  whole.clients += block.clients()[i];
  whole.values += block.values()[i];
  ++whole.rows;
}

void RowBinary::clear() noexcept {
  bytes_.clear();
  fingerprint_ = {};
}

}  // namespace wsbench::exports
