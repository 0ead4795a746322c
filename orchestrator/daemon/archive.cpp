#include "orchestrator/daemon/archive.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orchestrator/report/ranked_tables.hpp"
#include "orchestrator/results/results_file.hpp"
#include "orchestrator/util/json_text.hpp"
#include "store/run/runs.hpp"

namespace wsbench::daemon {

namespace fs = std::filesystem;
using control::state::Refusal;
using nlohmann::json;

namespace {

std::uint64_t size_of(const fs::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    // Files of a run that is being written come and go.
    std::error_code gone;
    const auto size = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

/// What its results.json tells of a run; a run without one has measured nothing yet.
void take_results(control::state::RunSummary& summary, const fs::path& file) {
  const auto text = util::read_json_file(file, util::kWrittenByPrograms);
  if (!text) return;
  const auto document = util::parse_json(*text, util::kWrittenByPrograms);
  if (!document || !document->is_object()) return;
  const auto complete = document->find("complete");
  summary.complete = complete != document->end() && *complete == true;
  const auto ranking = document->find("ranking");
  if (ranking != document->end() && ranking->is_array()) summary.contestants = ranking->size();
}

tl::expected<results::SuiteResult, control::state::Refusal> load(const fs::path& db_root,
                                                                 std::string_view run) {
  const fs::path name(run);
  const bool is_plain_name = name == name.filename() && !run.starts_with('.');
  if (!is_plain_name || !store::is_run(db_root / name))
    return tl::unexpected(control::state::Refusal{control::state::Refusal::Kind::not_found,
                                                  fmt::format("there is no run {}", run)});
  const auto opened = store::Run::open(db_root / name, store::Run::Access::read_only);
  if (!opened)
    return tl::unexpected(
        control::state::Refusal{control::state::Refusal::Kind::failed, opened.error().message});
  auto suite = results::read_suite_result(**opened);
  if (suite) return std::move(*suite);
  const auto kind = suite.error().kind == store::Error::Kind::not_found
                        ? control::state::Refusal::Kind::not_found
                        : control::state::Refusal::Kind::failed;
  return tl::unexpected(control::state::Refusal{kind, suite.error().message});
}

}  // namespace

Archive::Archive(fs::path db_root) : db_root_(std::move(db_root)) {}

tl::expected<std::vector<control::state::RunSummary>, control::state::Refusal> Archive::runs() {
  const auto directories = store::list_runs(db_root_);
  if (!directories)
    return tl::unexpected(
        control::state::Refusal{control::state::Refusal::Kind::failed, directories.error().message});
  const std::lock_guard lock(mutex_);
  std::vector<control::state::RunSummary> runs;
  for (auto directory = directories->rbegin(); directory != directories->rend(); ++directory) {
    const auto name = directory->path.filename().string();
    const auto file = directory->path / "results.json";
    std::error_code missing;
    const auto written = fs::last_write_time(file, missing);
    const auto known = known_.find(name);
    if (!missing && known != known_.end() && known->second.written == written) {
      runs.push_back(known->second.summary);
      continue;
    }
    control::state::RunSummary summary;
    summary.run = name;
    summary.suite = directory->suite;
    summary.began = event::Time(directory->time.time_since_epoch());
    summary.bytes = size_of(directory->path);
    if (!missing) take_results(summary, file);
    if (summary.complete) known_.insert_or_assign(name, Known{written, summary});
    runs.push_back(std::move(summary));
  }
  return runs;
}

tl::expected<std::string, control::state::Refusal> Archive::result(std::string_view run) const {
  return load(db_root_, run).map([](const results::SuiteResult& suite) {
    return results::results_json(suite).dump(2, ' ', false, json::error_handler_t::replace);
  });
}

tl::expected<std::string, control::state::Refusal> Archive::report(std::string_view run) const {
  return load(db_root_, run).map([](const results::SuiteResult& suite) {
    return report::render_report(suite, false);
  });
}

}  // namespace wsbench::daemon
