#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace wsbench::commands {

struct RemoveOptions {
  std::vector<std::filesystem::path> runs;
  bool yes = false;  ///< do not ask
};
int rm_command(const RemoveOptions& options, const std::stop_token& stop);

struct PruneOptions {
  std::filesystem::path db_root;
  std::size_t keep = 0;
  std::string suite;  ///< only its runs; empty: all
  bool yes = false;
};
int prune_command(const PruneOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
