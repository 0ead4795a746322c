#pragma once

#include <cstdint>

#include "client/plan.hpp"

// Of which reads a load tells how late they were.

namespace wsbench::client {

/// One message in plan.sampled_one_in, and all where those would be fewer than 1,000 in the measuring phase;
/// from every so many-th client of a shard, but from 32 clients or more where there are so many, and of their
/// reads every so many-th. So the kernel stamps for few clients what they receive, and the rest of them pay
/// nothing. By the plan alone, a client is sampled or not for the whole load.
class ReadSampling {
 public:
  explicit ReadSampling(const Plan& plan) noexcept;

  /// Whether anything is to be sampled.
  bool any() const noexcept { return client_in_ > 0; }

  bool samples(std::uint32_t client) const noexcept { return any() && client / threads_ % client_in_ == 0; }

  /// How many reads of the sampled clients there are for one that is told; as far as the plan tells.
  std::uint32_t reads() const noexcept { return read_in_; }

  /// The same for the measuring phase. In a closed loop nothing but the warm-up tells how many messages there
  /// will be: it had so many echoes, over all shards. Without a warm-up all reads are told.
  std::uint32_t reads_measured(std::uint64_t warm_up_echoes) const noexcept;

 private:
  bool is_few(double messages) const noexcept;

  const Plan& plan_;
  std::uint32_t threads_;
  std::uint32_t client_in_ = 0;  ///< 0: none
  std::uint32_t read_in_ = 1;
};

}  // namespace wsbench::client
