#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "rpc/supervisor_types.hpp"
#include "rpc/value.hpp"

namespace wsbench::rpc {

/// How long the answer to a call may take, by what supervisord's configuration says of the processes that it
/// names. Keeps that configuration and asks for it again when it meets a name that it lacks.
class WaitTimes {
 public:
  using FetchConfig = std::function<Result<std::vector<ProcessConfig>>()>;

  explicit WaitTimes(FetchConfig fetch_config) : fetch_config_(std::move(fetch_config)) {}

  /// An error only when supervisord can't be spoken to at all; a configuration that it can't tell costs
  /// precision, no more.
  Result<std::chrono::milliseconds> deadline_of(const Call& call);

  /// The configuration may have changed.
  void forget() { configs_.reset(); }

 private:
  /// The longest that any process meant by the call may take by itself; nothing: none is known.
  std::optional<std::chrono::seconds> longest(const Call& call) const;

  FetchConfig fetch_config_;
  std::optional<std::vector<ProcessConfig>> configs_;
};

/// What a call without a wait may take, and what one with a wait may take beyond its wait.
inline constexpr std::chrono::seconds kDefaultDeadline{10};

}  // namespace wsbench::rpc
