#include "orchestrator/control/logs/followers.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "orchestrator/control/logs/background_thread.hpp"

namespace wsbench::control::logs {

namespace {

/// The most that one poll sends; a log that grows faster is followed with gaps.
constexpr std::int64_t kMostAtOnce = 64 * 1024;

}  // namespace

std::string_view behind(const state::LogWindow& window, std::int64_t offset) noexcept {
  const auto added = static_cast<std::size_t>(std::max<std::int64_t>(window.size - offset, 0));
  const std::string_view text = window.text;
  return text.substr(text.size() - std::min(added, text.size()));
}

LogFollower::LogFollower(std::unique_ptr<web::Stream> stream, TailLog tail, std::int64_t offset)
    : stream_(std::move(stream)), tail_(std::move(tail)), offset_(offset) {}

bool LogFollower::say(std::string_view remark) {
  return stream_->write(fmt::format("==> {} <==\n", remark));
}

bool LogFollower::poll() {
  // An empty write asks whether the reader is still there: a log that is silent for ever has no other.
  if (!stream_->write("")) return false;
  auto window = tail_(offset_, kMostAtOnce);
  if (window && window->size < offset_) {
    if (!say("File truncated")) return false;
    offset_ = 0;
    window = tail_(offset_, kMostAtOnce);
  }
  if (!window && window.error().kind == state::Refusal::Kind::not_found) {
    say(window.error().message);
    return false;
  }
  if (!window) {
    // Said once: supervisord may be away for hours.
    if (std::exchange(is_unreadable_, true)) return true;
    return say(window.error().message);
  }
  is_unreadable_ = false;
  const auto text = behind(*window, offset_);
  const auto skipped = window->size - offset_ - static_cast<std::int64_t>(text.size());
  offset_ = window->size;
  if (skipped > 0 && window->overflow && !say(fmt::format("{} bytes skipped", skipped))) return false;
  return text.empty() || stream_->write(text);
}

Followers::Followers(std::size_t limit, std::chrono::milliseconds interval)
    : limit_(limit), interval_(interval), thread_([this] { run(); }) {}

Followers::~Followers() {
  stop();
  thread_.join();
}

bool Followers::is_full() const {
  const std::lock_guard lock(mutex_);
  return stopped_ || count_ >= limit_;
}

bool Followers::add(LogFollower follower) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || count_ >= limit_) return false;
    joining_.push_back(std::move(follower));
    ++count_;
  }
  changed_.notify_one();
  return true;
}

void Followers::stop() {
  std::list<LogFollower> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(joining_);
  }
  changed_.notify_one();
}

void Followers::run() {
  give_way_to_all_others("wsbench-follow");
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    followers_.splice(followers_.end(), joining_);
    for (auto follower = followers_.begin(); follower != followers_.end() && !stopped_;) {
      lock.unlock();
      bool goes_on = false;
      try {
        goes_on = follower->poll();
      } catch (const std::exception&) {
        // A log that cannot even be asked for: its reader is let go.
      }
      // The reader is let go before the lock is taken: ending its answer is the server's business.
      const auto next = goes_on ? std::next(follower) : followers_.erase(follower);
      lock.lock();
      if (!goes_on) --count_;
      follower = next;
    }
    if (count_ == 0) {
      changed_.wait(lock, [this] { return stopped_ || !joining_.empty(); });
    } else {
      changed_.wait_for(lock, interval_, [this] { return stopped_; });
    }
  }
  lock.unlock();
  followers_.clear();
}

}  // namespace wsbench::control::logs
