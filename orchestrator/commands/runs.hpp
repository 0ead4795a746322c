#pragma once

#include <cstdint>
#include <filesystem>

namespace wsbench::commands {

struct RunsOptions {
  std::filesystem::path db_root;
  bool json = false;
};
int runs_command(const RunsOptions& options);

/// The bytes of a directory's files, as far as they can be read.
std::uint64_t size_on_disk(const std::filesystem::path& directory);

}  // namespace wsbench::commands
