#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace wsbench::commands {

/// A run's tables as files.
struct ExportOptions {
  std::filesystem::path run;
  std::vector<std::string> contestants;  ///< empty: all
  std::filesystem::path out;        ///< a directory, a file named by its format, or "-"; empty: RUN/stats
  std::vector<std::string> tables;  ///< by name; empty: all that the format can hold
  std::string format;               ///< "csv", "jsonl.zst", "hlog"; empty: as `out` is named, else csv
  std::string to;                   ///< instead of files: the URL of a ClickHouse table
  bool create = false;              ///< make that table if it is not there
  bool ddl = false;                 ///< only print how it is made
};
int export_command(const ExportOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
