#pragma once

#include <string>
#include <string_view>

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
    http,          ///< another HTTP status than 200, or a broken answer; status holds it where there is one
    too_large,     ///< the answer passed the size limit
    malformed,     ///< not XML-RPC, or not of the shape that the method promises
    fault,         ///< the server's own fault; fault_code holds it
  };
  Kind kind = Kind::malformed;
  int status = 0;       ///< HTTP status (kind http)
  int fault_code = 0;   ///< kind fault; a FaultCode or any other number
  std::string message;  ///< a whole sentence: what was asked of whom, what came

  bool is(FaultCode code) const noexcept {
    return kind == Kind::fault && fault_code == static_cast<int>(code);
  }
};

/// "BAD_NAME" etc., as supervisord words it; "UNKNOWN" for other numbers.
std::string_view name(FaultCode code) noexcept;

}  // namespace wsbench::rpc
