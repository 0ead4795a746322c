#include "orchestrator/commands/tail.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "orchestrator/commands/exit_code.hpp"
#include "orchestrator/commands/supervisord_access.hpp"
#include "orchestrator/util/sleep.hpp"

namespace wsbench::commands {

namespace {

constexpr auto kFollowInterval = std::chrono::milliseconds{500};
/// Each poll while following asks for at most this much; if more was written, the rest is skipped, with a
/// note.
constexpr std::int64_t kFollowWindow = 65536;

/// Where the logs are: at a control server or at a supervisord.
class LogServer {
 public:
  static tl::expected<LogServer, std::string> open(const TailOptions& options) {
    LogServer server;
    if (options.supervisord.empty()) {
      auto daemon = DaemonAccess::open(options.server);
      if (daemon) {
        server.name_ = full_name(*daemon, options.name);
        server.daemon_.emplace(std::move(*daemon));
        return server;
      }
      // If no daemon is named and none runs, the supervisord of this machine is asked.
      if (names_a_server(options.server)) return tl::unexpected(daemon.error());
    }
    SupervisordOptions where;
    if (!options.supervisord.empty()) where.url = options.supervisord;
    auto supervisord = SupervisordAccess::open(where);
    if (!supervisord && options.supervisord.empty())
      return tl::unexpected(
          fmt::format("neither a wsbench daemon nor a supervisord answers here: {}", supervisord.error()));
    if (!supervisord) return tl::unexpected(supervisord.error());
    server.name_ = options.name;
    server.supervisord_.emplace(std::move(*supervisord));
    return server;
  }

  rpc::Result<rpc::LogTail> tail(bool stderr_log, std::int64_t offset, std::int64_t length) {
    auto& supervisor = daemon_ ? daemon_->supervisor() : supervisord_->supervisor();
    return stderr_log ? supervisor.tail_process_stderr_log(name_, offset, length)
                      : supervisor.tail_process_stdout_log(name_, offset, length);
  }

  int fail(const rpc::Error& error) const {
    if (!error.is(rpc::FaultCode::bad_name)) return commands::fail(kInfrastructure, error.message);
    return commands::fail(kUsage, fmt::format("there is no \"{}\"; `wsbench {}` lists those that are there",
                                              name_, daemon_ ? "status" : "servers"));
  }

 private:
  LogServer() = default;

  /// A name without a suite means the contestant of the first suite that has it; the running suite is listed
  /// first.
  static std::string full_name(DaemonAccess& daemon, const std::string& name) {
    if (name.find(':') != std::string::npos) return name;
    const auto processes = daemon.supervisor().get_all_process_info();
    if (!processes) return name;
    for (const auto& process : *processes) {
      if (process.name == name) return process.full_name();
    }
    return name;
  }

  std::string name_;
  std::optional<DaemonAccess> daemon_;
  std::optional<SupervisordAccess> supervisord_;
};

bool print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0;
}

}  // namespace

int tail_command(const TailOptions& options, const std::stop_token& stop) {
  auto server = LogServer::open(options);
  if (!server) return fail(kInfrastructure, server.error());
  auto seen = server->tail(options.stderr_log, 0, options.bytes);
  if (!seen) return server->fail(seen.error());
  bool readable = print(seen->text);
  auto offset = seen->offset;
  while (options.follow && readable && !stop.stop_requested()) {
    util::sleep_unless_stopped(stop, kFollowInterval);
    seen = server->tail(options.stderr_log, offset, kFollowWindow);
    if (!seen) return server->fail(seen.error());
    if (seen->offset < offset) fmt::print(stderr, "(the log was rotated)\n");
    const auto added = seen->offset >= offset ? seen->offset - offset : seen->offset;
    if (added > kFollowWindow) fmt::print(stderr, "({} bytes skipped)\n", added - kFollowWindow);
    const auto shown = std::min<std::size_t>(seen->text.size(), static_cast<std::size_t>(added));
    if (shown > 0) readable = print(std::string_view(seen->text).substr(seen->text.size() - shown));
    offset = seen->offset;
  }
  return kSuccess;
}

}  // namespace wsbench::commands
