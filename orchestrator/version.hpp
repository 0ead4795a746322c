#pragma once

namespace wsbench::orchestrator {

constexpr const char* kVersion = WSBENCH_VERSION;  // of the CMake project

}  // namespace wsbench::orchestrator
