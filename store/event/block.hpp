#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/event/event.hpp"

namespace wsbench::event {

/// Where a block belongs; together with the earliest time in it this is its key in the store.
struct BlockInfo {
  std::uint16_t round = 0;
  Phase phase = Phase::ramp;
  std::uint16_t agent = 0;  ///< the load machine; 0 while there is only one
  std::uint16_t shard = 0;
  std::uint32_t number = 0;  ///< counts up within (round, agent, shard)
};

/// A buffer of events of one shard and one phase, a column per field, in the order of their recording. Filled
/// by one thread, then handed over whole. Appending to a block that is not full never allocates.
class Block {
 public:
  static constexpr std::size_t kCapacity = 4096;

  Block();

  BlockInfo info;

  /// Precondition: !full().
  void append(const Event& event) noexcept {
    times_.push_back(event.time);
    values_.push_back(event.value);
    clients_.push_back(event.client);
    sequences_.push_back(event.sequence);
    kinds_.push_back(event.kind);
  }

  std::size_t size() const noexcept { return times_.size(); }
  bool empty() const noexcept { return times_.empty(); }
  bool full() const noexcept { return times_.size() >= kCapacity; }
  void clear() noexcept;

  /// The columns as a decoder writes them, each as long as the block. Valid until the next change of size.
  struct Columns {
    Time* times;
    std::uint64_t* values;
    std::uint32_t* clients;
    std::uint32_t* sequences;
    Kind* kinds;
  };
  /// Makes the block `size` events long (at most kCapacity); what the columns then hold is unspecified until
  /// the caller has overwritten it. Costs nothing when the size stays.
  Columns resize(std::size_t size) noexcept;

  Event operator[](std::size_t i) const noexcept {
    return {times_[i], values_[i], clients_[i], sequences_[i], kinds_[i]};
  }

  const std::vector<Time>& times() const noexcept { return times_; }
  const std::vector<std::uint64_t>& values() const noexcept { return values_; }
  const std::vector<std::uint32_t>& clients() const noexcept { return clients_; }
  const std::vector<std::uint32_t>& sequences() const noexcept { return sequences_; }
  const std::vector<Kind>& kinds() const noexcept { return kinds_; }

 private:
  std::vector<Time> times_;
  std::vector<std::uint64_t> values_;
  std::vector<std::uint32_t> clients_;
  std::vector<std::uint32_t> sequences_;
  std::vector<Kind> kinds_;
};

}  // namespace wsbench::event
