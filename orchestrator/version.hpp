#pragma once

namespace wsbench::orchestrator {

extern const char* const kVersion;  ///< "0.1.0"

}  // namespace wsbench::orchestrator
