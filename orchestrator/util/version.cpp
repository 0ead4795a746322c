#include "orchestrator/util/version.hpp"

namespace wsbench::util {

const char* const kVersion = WSBENCH_VERSION;

}  // namespace wsbench::util
