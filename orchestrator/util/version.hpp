#pragma once

namespace wsbench::util {

extern const char* const kVersion;  ///< "0.1.0"

}  // namespace wsbench::util
