#pragma once

#include <stop_token>
#include <string>
#include <vector>

namespace wsbench::commands {

struct CheckContestantsOptions {
  std::vector<std::string> contestants;  ///< empty: all
};
int check_contestants_command(const CheckContestantsOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
