#pragma once

#include <string_view>

namespace wsbench::commands {

enum ExitCode : int {
  kSuccess = 0,           ///< all contestants measured, all thresholds met
  kContestantFailed = 1,  ///< some contestant failed, was invalid, or missed a threshold
  kUsage = 2,             ///< the command line or the config is wrong
  kInfrastructure = 3,    ///< supervisord unreachable, disk full, ...
  kInterrupted = 130,
};

/// Prints "wsbench: MESSAGE" to stderr and returns the code.
int fail(ExitCode code, std::string_view message);

}  // namespace wsbench::commands
