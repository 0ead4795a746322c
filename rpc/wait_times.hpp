#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "rpc/error.hpp"
#include "rpc/supervisor_types.hpp"
#include "rpc/value.hpp"

namespace wsbench::rpc {

/// Tells how long the answer to a call may take, from the configuration of the processes that the call names.
/// Keeps supervisord's configuration, and asks for it again when it lacks a name.
class WaitTimes {
 public:
  using FetchConfig = std::function<Result<std::vector<ProcessConfig>>()>;

  explicit WaitTimes(FetchConfig fetch_config) : fetch_config_(std::move(fetch_config)) {}

  /// The error means that supervisord cannot be reached. Where it only cannot tell its configuration, the
  /// deadline is a long one.
  Result<std::chrono::milliseconds> deadline_of(const Call& call);

  /// To be called when the configuration may have changed.
  void forget() { configs_.reset(); }

 private:
  /// The longest wait of the processes that the call means; nothing if none of them is known.
  std::optional<std::chrono::seconds> longest(const Call& call) const;

  FetchConfig fetch_config_;
  std::optional<std::vector<ProcessConfig>> configs_;
};

/// How long a call may take that does not wait, and how much longer than its wait one that does.
inline constexpr std::chrono::seconds kDefaultDeadline{10};

}  // namespace wsbench::rpc
