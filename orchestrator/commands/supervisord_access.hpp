#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "orchestrator/contestants/local_supervisord.hpp"
#include "rpc/endpoint.hpp"
#include "rpc/supervisor.hpp"

namespace wsbench::commands {

/// Which supervisord a command speaks to.
struct SupervisordOptions {
  std::string url = "http://127.0.0.1:9001";
  bool local = false;                     ///< one of wsbench's own, for the time of the command
  std::uint16_t contestants_port = 8000;  ///< where the contestants of a local one listen
  std::optional<rpc::Endpoint> endpoint;  ///< instead of the URL, where it is known already
};

/// The supervisord that one command speaks to: the one at the URL, or a local one, which ends with this
/// object and whose folder is then removed.
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
