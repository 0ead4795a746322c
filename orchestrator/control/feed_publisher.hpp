#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <thread>

#include "orchestrator/control/state/board.hpp"
#include "orchestrator/control/state/host.hpp"
#include "orchestrator/control/web/web_server.hpp"

namespace wsbench::control {

/// Tells the feed's readers what is new on the board and in the log, from a thread that gives way to all
/// others: the suite's thread never waits for a message to be made.
class FeedPublisher {
 public:
  /// All three must outlive it.
  FeedPublisher(const state::Board& board, const state::Host& host, web::WebServer& server);
  /// Stops within half a second.
  ~FeedPublisher() = default;
  FeedPublisher(const FeedPublisher&) = delete;
  FeedPublisher& operator=(const FeedPublisher&) = delete;

 private:
  void run(const std::stop_token& stop);
  void publish_changes(const state::Status& status);
  void publish_log();

  const state::Board& board_;
  const state::Host& host_;
  web::WebServer& server_;
  std::uint64_t structure_ = 0;              ///< last told
  std::shared_ptr<const state::Live> live_;  ///< last told
  std::int64_t log_offset_ = 0;              ///< of the first byte not told yet
  std::jthread thread_;                      // the last member: it uses all others
};

}  // namespace wsbench::control
