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
  /// Reaches it; the error says what to do when nobody answers.
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

/// Whether a control server was named, by the option or by the variable: then no other is meant.
bool names_a_server(const ControlServerOptions& options);

/// Prints what went wrong with the call about `name` (a suite, a run; or nothing); the exit code: 2 for what
/// the user asked for, 3 for all else.
int fail(const rpc::Error& error, std::string_view name = {});

}  // namespace wsbench::commands
