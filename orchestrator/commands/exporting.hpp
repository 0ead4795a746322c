#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/exports/error.hpp"
#include "store/run/run.hpp"

// What the commands that bring data out of a run share.

namespace wsbench::commands {

/// A run and those of its contestants that are meant.
struct Chosen {
  std::unique_ptr<store::Run> run;
  std::vector<std::string> contestants;
  bool is_being_written = false;  ///< while it was opened
};

/// Opens the run that is meant by `run`; all its contestants unless some are `wanted`. Errors: usage (no run
/// there, no such contestant), read.
exports::Result<Chosen> choose(const std::filesystem::path& run, const std::vector<std::string>& wanted);

/// Tells the user about an error, except that nobody reads on; and the exit code for it.
int fail(const exports::Error& error);

}  // namespace wsbench::commands
