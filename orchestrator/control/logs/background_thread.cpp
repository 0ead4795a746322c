#include "orchestrator/control/logs/background_thread.hpp"

#include <pthread.h>
#include <sched.h>

namespace wsbench::control::logs {

void give_way_to_all_others(const char* name) noexcept {
  // Neither can fail for a thread's own self and a short name; without them it would still answer.
  ::pthread_setname_np(::pthread_self(), name);
  const sched_param none{};
  ::pthread_setschedparam(::pthread_self(), SCHED_IDLE, &none);
}

}  // namespace wsbench::control::logs
