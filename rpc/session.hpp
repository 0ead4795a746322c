#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rpc/error.hpp"
#include "rpc/supervisor_types.hpp"
#include "rpc/transport.hpp"
#include "rpc/value.hpp"
#include "rpc/wait_times.hpp"

namespace wsbench::rpc {

/// Calls over one transport: encoding, deadlines, errors that name the call. Used from one thread at a time.
class Session {
 public:
  explicit Session(std::unique_ptr<Transport> transport);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Result<Value> send(const Call& call, std::chrono::milliseconds deadline);

  /// With a deadline from supervisord's configuration (WaitTimes).
  Result<Value> send(const Call& call);

  /// Many calls in one round trip. Each result is a value or a fault.
  Result<std::vector<Result<Value>>> multicall(const std::vector<Call>& calls);

  /// A call whose value is decoded by a function of supervisor_decode.hpp.
  template <typename T>
  Result<T> ask(Result<T> (*decode)(const Value&, std::string_view), std::string method, Array params = {}) {
    const Call call{std::move(method), std::move(params)};
    const auto value = send(call);
    if (!value) return tl::unexpected(value.error());
    return decode(*value, call.method);
  }

  /// To be called when supervisord's configuration may have changed.
  void forget_config() { wait_times_.forget(); }

 private:
  std::unique_ptr<Transport> transport_;
  WaitTimes wait_times_;
};

}  // namespace wsbench::rpc
