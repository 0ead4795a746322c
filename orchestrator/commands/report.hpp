#pragma once

#include <filesystem>

namespace wsbench::commands {

struct ReportOptions {
  std::filesystem::path run;
  bool json = false;
};
int report_command(const ReportOptions& options);

}  // namespace wsbench::commands
