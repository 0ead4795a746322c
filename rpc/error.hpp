#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace wsbench::rpc {

/// The fault codes of supervisord's XML-RPC interface (supervisor/xmlrpc.py).
enum class FaultCode : int {
  unknown_method = 1,
  incorrect_parameters = 2,
  bad_arguments = 3,
  signature_unsupported = 4,
  shutdown_state = 6,
  bad_name = 10,
  bad_signal = 11,
  no_file = 20,
  not_executable = 21,
  failed = 30,
  abnormal_termination = 40,
  spawn_error = 50,
  already_started = 60,
  not_running = 70,
  success = 80,
  already_added = 90,
  still_running = 91,
  cant_reread = 92,
};

/// Why a call gave no result.
struct Error {
  enum class Kind {
    unreachable,   ///< no connection: refused, no such socket, host unknown
    timeout,       ///< no answer within the deadline
    interrupted,   ///< a stop was asked for
    unauthorized,  ///< HTTP 401
    http,          ///< an HTTP status other than 200 (in `status`), or an answer that broke off
    too_large,     ///< the answer exceeds the size limit
    malformed,     ///< the answer is not XML-RPC, or not of the method's type
    fault,         ///< the server answered with a fault (its number in `fault_code`)
  };
  Kind kind = Kind::malformed;
  int status = 0;       ///< an HTTP status; 0 where there is none
  int fault_code = 0;   ///< a FaultCode or another number; 0 unless the kind is fault
  std::string message;  ///< what was asked of whom, and what came

  bool is(FaultCode code) const noexcept {
    return kind == Kind::fault && fault_code == static_cast<int>(code);
  }
};

template <typename T>
using Result = tl::expected<T, Error>;

/// supervisord's name for the code, such as "BAD_NAME"; "UNKNOWN" for another number.
std::string_view name(FaultCode code) noexcept;

}  // namespace wsbench::rpc
