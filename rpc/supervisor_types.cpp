#include "rpc/supervisor_types.hpp"

#include <array>
#include <utility>

namespace wsbench::rpc {

std::string_view name(ProcessState state) noexcept {
  constexpr std::array kNames{
      std::pair(ProcessState::stopped, "STOPPED"),   std::pair(ProcessState::starting, "STARTING"),
      std::pair(ProcessState::running, "RUNNING"),   std::pair(ProcessState::backoff, "BACKOFF"),
      std::pair(ProcessState::stopping, "STOPPING"), std::pair(ProcessState::exited, "EXITED"),
      std::pair(ProcessState::fatal, "FATAL")};
  for (const auto& [each, text] : kNames) {
    if (each == state) return text;
  }
  return "UNKNOWN";
}

bool is_up(ProcessState state) noexcept {
  return state == ProcessState::starting || state == ProcessState::running ||
         state == ProcessState::backoff || state == ProcessState::stopping;
}

}  // namespace wsbench::rpc
