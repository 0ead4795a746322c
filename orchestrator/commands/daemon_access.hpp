#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "rpc/supervisor.hpp"

namespace wsbench::commands {

/// Which control server a command speaks to.
struct ControlServerOptions {
  std::string url;  ///< empty: $WSBENCH_SERVER, or http://127.0.0.1:9002
};

/// The control server that a command speaks to: a daemon's, or that of `wsbench run --listen`. Used from one
/// thread.
class DaemonAccess {
 public:
  /// Connects to it. The error says what to do when nobody answers.
  static tl::expected<DaemonAccess, std::string> open(const ControlServerOptions& options);

  /// Calls "wsbench." + method.
  rpc::Result<nlohmann::json> call(std::string_view method, rpc::Array params = {});
  /// supervisord's own methods.
  rpc::Supervisor& supervisor() noexcept { return supervisor_; }
  const std::string& url() const noexcept { return url_; }

 private:
  DaemonAccess(rpc::Supervisor supervisor, std::string url);

  rpc::Supervisor supervisor_;
  std::string url_;  ///< without user and password
};

/// Whether the option or the variable names a control server: then no other may be asked instead.
bool names_a_server(const ControlServerOptions& options);

/// Prints why a call about `name` (a suite, a run, or nothing) failed. Returns the exit code: 2 when the user
/// asked for something that cannot be, else 3.
int fail(const rpc::Error& error, std::string_view name = {});

}  // namespace wsbench::commands
