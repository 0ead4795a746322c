#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "orchestrator/control/state/host.hpp"

namespace wsbench::daemon {

/// The runs in a db_root, as the control server shows them. Reads from disk: its calls take time.
/// Thread-safe.
class Archive {
 public:
  explicit Archive(std::filesystem::path db_root);

  /// The latest first. Of a run that has not changed since it was last listed nothing is read again.
  tl::expected<std::vector<control::state::RunSummary>, control::state::Refusal> runs();

  /// The run's results.json as it would be written now, and its tables without colours. `run` is a
  /// directory's name in db_root; anything that leads elsewhere is not found.
  tl::expected<std::string, control::state::Refusal> result(std::string_view run) const;
  tl::expected<std::string, control::state::Refusal> report(std::string_view run) const;

 private:
  struct Known {
    std::filesystem::file_time_type written;
    control::state::RunSummary summary;
  };

  const std::filesystem::path db_root_;
  std::mutex mutex_;
  std::map<std::string, Known, std::less<>> known_;  ///< guarded by mutex_; by run, of complete ones
};

}  // namespace wsbench::daemon
