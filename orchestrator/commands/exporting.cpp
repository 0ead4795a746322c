#include "orchestrator/commands/exporting.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orchestrator/run_directory.hpp"

namespace wsbench::orchestrator {

tl::expected<Chosen, std::string> choose(const std::filesystem::path& run,
                                         const std::vector<std::string>& wanted) {
  auto opened = open_run(run);
  if (!opened) return tl::unexpected(opened.error());
  Chosen chosen{std::move(*opened), wanted};
  const auto all = chosen.run->contestants();
  for (const auto& name : wanted) {
    if (std::find(all.begin(), all.end(), name) != all.end()) continue;
    return tl::unexpected(fmt::format("{} has no contestant {}; it has {}", chosen.run->directory().string(),
                                      name, fmt::join(all, ", ")));
  }
  if (wanted.empty()) chosen.contestants = all;
  return chosen;
}

int fail(const exports::Error& error) {
  using Kind = exports::Error::Kind;
  // The rows that somebody wanted are with them: a pipe to head is no failure.
  if (error.kind == Kind::reader_gone) return kSuccess;
  fmt::print(stderr, "wsbench: {}\n", error.message);
  if (error.kind == Kind::interrupted) return kInterrupted;
  return error.kind == Kind::usage ? kUsage : kInfrastructure;
}

}  // namespace wsbench::orchestrator
