#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/exports/error.hpp"
#include "store/run/run.hpp"

// What `wsbench export`, `stats` and `events` share.

namespace wsbench::commands {

/// A run and the contestants that the user chose.
struct Chosen {
  std::unique_ptr<store::Run> run;
  std::vector<std::string> contestants;
  bool is_being_written = false;  ///< while it was opened
};

/// Opens the run at `run`, a directory or a db_root, and chooses the `wanted` contestants; all if none are
/// named. Errors: usage (no such run or contestant), read.
exports::Result<Chosen> choose(const std::filesystem::path& run, const std::vector<std::string>& wanted);

/// Prints an error, unless it is that the reader has gone; returns its exit code.
int fail(const exports::Error& error);

}  // namespace wsbench::commands
