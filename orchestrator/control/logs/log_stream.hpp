#pragma once

#include <optional>
#include <string_view>

#include "orchestrator/control/logs/followers.hpp"
#include "orchestrator/control/state/host.hpp"
#include "orchestrator/control/web/http.hpp"

// `tail -f` as supervisorctl asks for it: GET /mainlogtail, GET /logtail/NAME[/stdout|stderr].

namespace wsbench::control::logs {

/// Which log a path means, by name. Borrows from the path.
struct LogPath {
  std::optional<std::string_view> process;  ///< none: the daemon's own log
  std::string_view channel;                 ///< as it was asked for
};

/// None when the path is not one of these.
std::optional<LogPath> find_log_path(std::string_view path) noexcept;

/// How to read that log; none when there is no such contestant or channel. The host must outlive it.
std::optional<TailLog> find_log(state::Host& host, const LogPath& path);

/// Answers with the log's end, by lines, and goes on from there; none when the log cannot be read, which it
/// says with 404 or 503. Takes time.
std::optional<LogFollower> begin_following(web::Answer& answer, const TailLog& tail);

/// A window's text from its first whole line on.
std::string_view whole_lines(const state::LogWindow& window) noexcept;

}  // namespace wsbench::control::logs
