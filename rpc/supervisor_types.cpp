#include "rpc/supervisor_types.hpp"

namespace wsbench::rpc {

std::string_view name(ProcessState state) noexcept {
  switch (state) {
    case ProcessState::stopped:
      return "STOPPED";
    case ProcessState::starting:
      return "STARTING";
    case ProcessState::running:
      return "RUNNING";
    case ProcessState::backoff:
      return "BACKOFF";
    case ProcessState::stopping:
      return "STOPPING";
    case ProcessState::exited:
      return "EXITED";
    case ProcessState::fatal:
      return "FATAL";
    case ProcessState::unknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

bool is_up(ProcessState state) noexcept {
  return state == ProcessState::starting || state == ProcessState::running ||
         state == ProcessState::backoff || state == ProcessState::stopping;
}

}  // namespace wsbench::rpc
