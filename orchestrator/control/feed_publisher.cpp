#include "orchestrator/control/feed_publisher.hpp"

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "orchestrator/control/logs/background_thread.hpp"
#include "orchestrator/control/logs/followers.hpp"
#include "orchestrator/control/state/status_json.hpp"

namespace wsbench::control {

namespace {

/// Log lines come without a change of the board, too.
constexpr std::chrono::milliseconds kInterval{500};
constexpr std::int64_t kLogWindow = 64 << 10;

std::shared_ptr<const std::string> shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// The whole lines of a text, without their ends; `text` becomes what is left.
std::vector<std::string> take_lines(std::string_view& text) {
  std::vector<std::string> lines;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

FeedPublisher::FeedPublisher(const state::Board& board, const state::Host& host, web::WebServer& server)
    : board_(board),
      host_(host),
      server_(server),
      log_offset_(host.tail_log(0, 0).size),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void FeedPublisher::run(const std::stop_token& stop) {
  logs::give_way_to_all_others("wsbench-feed");
  std::uint64_t revision = 0;
  while (!stop.stop_requested()) {
    const auto status = board_.status();
    try {
      if (status->revision != revision) publish_changes(*status);
      publish_log();
    } catch (const std::exception&) {
      // Out of memory: the readers miss this, and are told the next.
    }
    revision = status->revision;
    board_.wait_for_change(revision, kInterval);
  }
}

void FeedPublisher::publish_changes(const state::Status& status) {
  if (status.structure != structure_) server_.publish(shared(status_message(status, event::Clock::now())));
  structure_ = status.structure;
  const bool has_new_point = status.live != nullptr && status.live != live_ && !status.live->points.empty();
  if (has_new_point) server_.publish(shared(point_message(*status.live)));
  live_ = status.live;
}

void FeedPublisher::publish_log() {
  const auto window = host_.tail_log(log_offset_, kLogWindow);
  auto added = logs::behind(window, log_offset_);
  const auto lines = take_lines(added);
  if (!lines.empty()) server_.publish(shared(state::log_message(lines)));
  log_offset_ = window.size - static_cast<std::int64_t>(added.size());
}

}  // namespace wsbench::control
