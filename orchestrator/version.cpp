#include "orchestrator/version.hpp"

namespace wsbench::orchestrator {

const char* const kVersion = WSBENCH_VERSION;

}  // namespace wsbench::orchestrator
