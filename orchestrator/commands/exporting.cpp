#include "orchestrator/commands/exporting.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/results/run_directory.hpp"
#include "store/run/runs.hpp"

namespace wsbench::commands {

exports::Result<Chosen> choose(const std::filesystem::path& run, const std::vector<std::string>& wanted) {
  using exports::Error;
  const auto directory = results::resolve_run(run);
  if (!directory) return tl::unexpected(Error{Error::Kind::usage, directory.error()});
  Chosen chosen;
  // Asked before and after: a writer may begin or end while the run is opened.
  chosen.is_being_written = store::is_being_written(*directory);
  auto opened = store::Run::open(*directory, store::Run::Access::read_only);
  if (!opened) return tl::unexpected(opened.error());
  chosen.is_being_written = chosen.is_being_written || store::is_being_written(*directory);
  chosen.run = std::move(*opened);
  const auto all = chosen.run->contestants();
  for (const auto& name : wanted) {
    if (std::find(all.begin(), all.end(), name) != all.end()) continue;
    return tl::unexpected(Error{
        Error::Kind::usage,
        fmt::format("{} has no contestant {}; it has {}", directory->string(), name, fmt::join(all, ", "))});
  }
  chosen.contestants = wanted.empty() ? all : wanted;
  return chosen;
}

int fail(const exports::Error& error) {
  using Kind = exports::Error::Kind;
  // The reader, such as head, has the rows that it wanted.
  if (error.kind == Kind::reader_gone) return kSuccess;
  if (error.kind == Kind::interrupted) return fail(kInterrupted, error.message);
  return fail(error.kind == Kind::usage ? kUsage : kInfrastructure, error.message);
}

}  // namespace wsbench::commands
