#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "rpc/error.hpp"

namespace wsbench::rpc {

/// Carries one request document to /RPC2 and brings the answer's body. Tests put a fake in its place.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Result<std::string> post(std::string_view body, std::chrono::milliseconds deadline) = 0;

  /// Who answers, for messages; never with a password.
  virtual std::string peer() const = 0;
};

}  // namespace wsbench::rpc
