#include "rpc/error.hpp"

namespace wsbench::rpc {

std::string_view name(FaultCode code) noexcept {
  switch (code) {
    case FaultCode::unknown_method:
      return "UNKNOWN_METHOD";
    case FaultCode::incorrect_parameters:
      return "INCORRECT_PARAMETERS";
    case FaultCode::bad_arguments:
      return "BAD_ARGUMENTS";
    case FaultCode::signature_unsupported:
      return "SIGNATURE_UNSUPPORTED";
    case FaultCode::shutdown_state:
      return "SHUTDOWN_STATE";
    case FaultCode::bad_name:
      return "BAD_NAME";
    case FaultCode::bad_signal:
      return "BAD_SIGNAL";
    case FaultCode::no_file:
      return "NO_FILE";
    case FaultCode::not_executable:
      return "NOT_EXECUTABLE";
    case FaultCode::failed:
      return "FAILED";
    case FaultCode::abnormal_termination:
      return "ABNORMAL_TERMINATION";
    case FaultCode::spawn_error:
      return "SPAWN_ERROR";
    case FaultCode::already_started:
      return "ALREADY_STARTED";
    case FaultCode::not_running:
      return "NOT_RUNNING";
    case FaultCode::success:
      return "SUCCESS";
    case FaultCode::already_added:
      return "ALREADY_ADDED";
    case FaultCode::still_running:
      return "STILL_RUNNING";
    case FaultCode::cant_reread:
      return "CANT_REREAD";
  }
  return "UNKNOWN";
}

}  // namespace wsbench::rpc
