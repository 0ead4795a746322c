#include "orchestrator/results/run_directory.hpp"

#include <chrono>

#include <fmt/format.h>

#include "orchestrator/results/run_documents.hpp"
#include "store/run/runs.hpp"

namespace wsbench::results {

namespace fs = std::filesystem;

tl::expected<fs::path, std::string> resolve_run(const fs::path& given) {
  std::error_code error;
  if (!fs::is_directory(given, error)) {
    return tl::unexpected(fmt::format(
        "{} is no directory: give a run's directory, or the db_root that it is in", given.string()));
  }
  if (store::is_run(given)) return given;
  const auto runs = store::list_runs(given);
  if (!runs) return tl::unexpected(runs.error().message);
  // The latest that was begun: one whose start failed has no manifest.
  for (auto run = runs->rbegin(); run != runs->rend(); ++run) {
    const auto begun = was_begun(run->path);
    if (begun && *begun) return run->path;
  }
  return tl::unexpected(fmt::format("{} is no run, and no suite's run is in it", given.string()));
}

fs::path new_run_directory(const fs::path& db_root, const std::string& suite) {
  auto time = std::chrono::system_clock::now();
  auto directory = db_root / store::run_directory_name(suite, time);
  while (fs::exists(directory))
    directory = db_root / store::run_directory_name(suite, time += std::chrono::seconds{1});
  return directory;
}

tl::expected<bool, std::string> was_begun(const fs::path& directory) {
  if (!store::is_run(directory)) return false;
  const auto run = store::Run::open(directory, store::Run::Access::read_only);
  if (!run) return tl::unexpected(run.error().message);
  const auto manifest = read_manifest(**run);
  if (manifest) return true;
  if (manifest.error().kind == store::Error::Kind::not_found) return false;
  return tl::unexpected(manifest.error().message);
}

tl::expected<fs::path, std::string> unfinished_run(const fs::path& db_root, const std::string& suite) {
  const auto runs = store::list_runs(db_root);
  if (!runs) return tl::unexpected(runs.error().message);
  for (auto directory = runs->rbegin(); directory != runs->rend(); ++directory) {
    if (directory->suite != suite) continue;
    const auto run = store::Run::open(directory->path, store::Run::Access::read_only);
    if (!run) return tl::unexpected(run.error().message);
    // Killed before its manifest was written: nothing was measured in it.
    const auto manifest = read_manifest(**run);
    if (!manifest && manifest.error().kind == store::Error::Kind::not_found) continue;
    if (!manifest) return tl::unexpected(manifest.error().message);
    const auto ended = has_ended(**run);
    if (!ended) return tl::unexpected(ended.error().message);
    return *ended ? fs::path() : directory->path;
  }
  return fs::path();
}

}  // namespace wsbench::results
