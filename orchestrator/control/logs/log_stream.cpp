#include "orchestrator/control/logs/log_stream.hpp"

#include <string>
#include <utility>

#include "orchestrator/control/xmlrpc/process_lookup.hpp"

namespace wsbench::control::logs {

using state::LogChannel;

namespace {

/// As much as supervisord begins with.
constexpr std::int64_t kFirstBytes = 1024;

constexpr const char* kStreamType = "text/plain;charset=utf-8";

std::optional<LogChannel> channel_from(std::string_view name) noexcept {
  if (name == "stdout") return LogChannel::stdout_log;
  if (name == "stderr") return LogChannel::stderr_log;
  return std::nullopt;
}

}  // namespace

std::optional<LogPath> find_log_path(std::string_view path) noexcept {
  constexpr std::string_view kPrefix = "/logtail/";
  if (path == "/mainlogtail") return LogPath{};
  if (!path.starts_with(kPrefix)) return std::nullopt;
  const auto name = path.substr(kPrefix.size());
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return LogPath{name, "stdout"};
  return LogPath{name.substr(0, slash), name.substr(slash + 1)};
}

std::optional<TailLog> find_log(state::Host& host, const LogPath& path) {
  using Tail = tl::expected<state::LogWindow, state::Refusal>;
  if (!path.process) {
    return
        [&host](std::int64_t offset, std::int64_t length) -> Tail { return host.tail_log(offset, length); };
  }
  const auto channel = channel_from(path.channel);
  const auto found = xmlrpc::find_contestant_process(host, *path.process);
  if (!channel || !found) return std::nullopt;
  return [&host, group = found->job->group, contestant = found->contestant->name, channel = *channel](
             std::int64_t offset, std::int64_t length) -> Tail {
    return host.tail_contestant_log(group, contestant, channel, offset, length);
  };
}

std::optional<LogFollower> begin_following(web::Answer& answer, const TailLog& tail) {
  const auto end = tail(0, kFirstBytes);
  if (!end) {
    web::Response refused;
    refused.status = end.error().kind == state::Refusal::Kind::not_found ? 404 : 503;
    refused.body = end.error().message + "\n";
    answer.send(std::move(refused));
    return std::nullopt;
  }
  auto stream = answer.stream(kStreamType);
  if (!stream->write(whole_lines(*end))) return std::nullopt;
  return LogFollower(std::move(stream), tail, end->size);
}

std::string_view whole_lines(const state::LogWindow& window) noexcept {
  const std::string_view text = window.text;
  if (!window.overflow) return text;
  // A log whose last line is longer than the window is shown from within it.
  const auto line_end = text.find('\n');
  return line_end == std::string_view::npos || line_end + 1 == text.size() ? text : text.substr(line_end + 1);
}

}  // namespace wsbench::control::logs
