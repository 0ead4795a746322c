#include "rpc/error.hpp"

#include <array>
#include <utility>

namespace wsbench::rpc {
namespace {

constexpr std::array kNames{std::pair(FaultCode::unknown_method, "UNKNOWN_METHOD"),
                            std::pair(FaultCode::incorrect_parameters, "INCORRECT_PARAMETERS"),
                            std::pair(FaultCode::bad_arguments, "BAD_ARGUMENTS"),
                            std::pair(FaultCode::signature_unsupported, "SIGNATURE_UNSUPPORTED"),
                            std::pair(FaultCode::shutdown_state, "SHUTDOWN_STATE"),
                            std::pair(FaultCode::bad_name, "BAD_NAME"),
                            std::pair(FaultCode::bad_signal, "BAD_SIGNAL"),
                            std::pair(FaultCode::no_file, "NO_FILE"),
                            std::pair(FaultCode::not_executable, "NOT_EXECUTABLE"),
                            std::pair(FaultCode::failed, "FAILED"),
                            std::pair(FaultCode::abnormal_termination, "ABNORMAL_TERMINATION"),
                            std::pair(FaultCode::spawn_error, "SPAWN_ERROR"),
                            std::pair(FaultCode::already_started, "ALREADY_STARTED"),
                            std::pair(FaultCode::not_running, "NOT_RUNNING"),
                            std::pair(FaultCode::success, "SUCCESS"),
                            std::pair(FaultCode::already_added, "ALREADY_ADDED"),
                            std::pair(FaultCode::still_running, "STILL_RUNNING"),
                            std::pair(FaultCode::cant_reread, "CANT_REREAD")};

}  // namespace

std::string_view name(FaultCode code) noexcept {
  for (const auto& [each, text] : kNames) {
    if (each == code) return text;
  }
  return "UNKNOWN";
}

}  // namespace wsbench::rpc
