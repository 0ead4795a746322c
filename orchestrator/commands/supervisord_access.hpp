#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "orchestrator/commands/commands.hpp"
#include "orchestrator/contestants/local_supervisord.hpp"
#include "rpc/supervisor.hpp"

namespace wsbench::commands {

/// A supervisord for the time of one command: the one at the URL, or one of wsbench's own in a folder that
/// goes with it.
class SupervisordAccess {
 public:
  /// The error says what to do.
  static tl::expected<SupervisordAccess, std::string> open(const SupervisordOptions& options);

  ~SupervisordAccess();
  SupervisordAccess(SupervisordAccess&&) = default;
  SupervisordAccess& operator=(SupervisordAccess&&) = delete;

  rpc::Supervisor& supervisor() noexcept { return *supervisor_; }
  const rpc::Endpoint& endpoint() const noexcept { return endpoint_; }

 private:
  SupervisordAccess() = default;

  struct Folder;
  std::shared_ptr<Folder> folder_;  ///< removed after the local supervisord has ended
  std::optional<contestants::LocalSupervisord> local_;
  rpc::Endpoint endpoint_;
  std::optional<rpc::Supervisor> supervisor_;
};

}  // namespace wsbench::commands
