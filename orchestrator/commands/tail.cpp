#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "orchestrator/commands.hpp"
#include "orchestrator/commands/supervisord_access.hpp"
#include "orchestrator/waiting.hpp"

namespace wsbench::orchestrator {

namespace {

constexpr auto kFollowInterval = std::chrono::milliseconds{500};
/// Each look while following asks for at most this much; what came faster is skipped and said.
constexpr std::int64_t kFollowWindow = 65536;

rpc::Result<rpc::LogTail> look(rpc::Supervisor& supervisor, const TailOptions& options, std::int64_t offset,
                               std::int64_t length) {
  return options.stderr_log ? supervisor.tail_process_stderr_log(options.name, offset, length)
                            : supervisor.tail_process_stdout_log(options.name, offset, length);
}

bool print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0;
}

int fail(const rpc::Error& error, const TailOptions& options) {
  if (error.is(rpc::FaultCode::bad_name)) {
    fmt::print(stderr, "wsbench: supervisord has no program \"{}\"; `wsbench servers` lists those it has\n",
               options.name);
    return kUsage;
  }
  fmt::print(stderr, "wsbench: {}\n", error.message);
  return kInfrastructure;
}

}  // namespace

int tail_command(const TailOptions& options, const std::stop_token& stop) {
  auto access = SupervisordAccess::open(options.supervisord);
  if (!access) {
    fmt::print(stderr, "wsbench: {}\n", access.error());
    return kInfrastructure;
  }
  auto seen = look(access->supervisor(), options, 0, options.bytes);
  if (!seen) return fail(seen.error(), options);
  bool readable = print(seen->text);
  auto offset = seen->offset;
  while (options.follow && readable && !stop.stop_requested()) {
    sleep_unless_stopped(stop, kFollowInterval);
    seen = look(access->supervisor(), options, offset, kFollowWindow);
    if (!seen) return fail(seen.error(), options);
    if (seen->offset < offset) fmt::print(stderr, "(the log was rotated)\n");
    const auto added = seen->offset >= offset ? seen->offset - offset : seen->offset;
    if (added > kFollowWindow) fmt::print(stderr, "({} bytes skipped)\n", added - kFollowWindow);
    const auto shown = std::min<std::size_t>(seen->text.size(), static_cast<std::size_t>(added));
    if (shown > 0) readable = print(std::string_view(seen->text).substr(seen->text.size() - shown));
    offset = seen->offset;
  }
  return kSuccess;
}

}  // namespace wsbench::orchestrator
