#pragma once

#include <stop_token>
#include <thread>

namespace wsbench::orchestrator {

/// Turns SIGINT, SIGTERM and SIGHUP into a stop request; a second one ends the process at once with 130
/// (children then end by their parent-death signal). Make it in main before any other thread, so that all of
/// them inherit the blocked signals.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const noexcept { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace wsbench::orchestrator
