#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "client/load/client.hpp"
#include "client/load/coordinator.hpp"
#include "client/load/figures.hpp"
#include "client/load/load.hpp"
#include "client/load/schedule.hpp"
#include "client/load/self_sampler.hpp"
#include "client/transport/loop.hpp"

namespace wsbench::client {

/// What the shards of a load share: all of it constant or thread-safe. Outlives them.
struct ShardContext {
  const Plan& plan;
  const PayloadSource& payloads;
  const transport::Address& peer;
  std::deque<transport::Source>& sources;
  Coordinator& coordinator;
  event::Sink& sink;
};

/// One thread's part of a load: every plan.threads-th client, their schedule, event block and figures, all
/// driven by one timer of the shard's own loop. Constructed on any thread; run() in its own; enter() is
/// called in its loop.
class Shard {
 public:
  /// What can be read once the coordinator is done.
  struct Result {
    ShardUse use;
    event::Time began{};  ///< first ws_init; 0: none
    std::uint64_t backlog_at_start = 0;
    std::uint64_t lost_events = 0;
  };

  Shard(const ShardContext& context, std::size_t number);

  /// Runs the load; returns when the closing stage is over.
  void run();

  /// Has the shard enter a stage. Thread-safe.
  void announce(Stage stage, event::Time at);

  /// Ends run() before a load has begun. Thread-safe.
  void cancel();

  const PublishedFigures& published() const noexcept { return published_; }
  const Result& result() const noexcept { return result_; }

 private:
  void on_wake();
  void enter(event::Time now);
  void ramp(event::Time now);
  void load(event::Time now);
  bool send_due(event::Time now);
  void prefetch_senders() const noexcept;
  void enter_phase(event::Phase phase);
  void begin_load(event::Phase phase, event::Duration length);
  void end_sending(event::Time now);
  void end_measuring(event::Time now);
  void begin_closing();
  void record_unsent();
  void record_began(event::Time at) noexcept;
  void closing(event::Time now);
  void free_sockets(event::Time now);
  void expire_connects(event::Time now);
  void keep_house(event::Time now);
  void adapt_gathering(event::Time now);
  void finish_stage();
  void finish_load();
  event::Time next_wake(event::Time now) const;
  event::Time attempt_due(std::size_t slot) const noexcept;
  bool nobody_left() const noexcept { return figures_.counts.open == 0 && clients_context_.connecting == 0; }

  ShardContext context_;
  std::unique_ptr<transport::Loop> loop_;
  Figures figures_;
  Recorder recorder_;
  SelfSampler self_;
  Dialer dialer_;
  ClientContext clients_context_;
  Schedule schedule_;
  std::deque<Client> clients_;  ///< a deque, because clients stay where they are

  Stage stage_ = Stage::ramp;
  event::Time stage_began_ = event::Time::max();  ///< max: stage_ is announced, not entered yet
  event::Time next_stage_at_ = event::Time::max();
  event::Time sends_end_{};
  bool sending_ = false;         ///< between the begin of warm_up or measuring and its sends_end_
  bool stage_finished_ = false;  ///< the coordinator has been told
  std::size_t slot_ = 0;         ///< ramp: the next client to connect; closing: the next to close
  event::Time last_close_{};
  event::Time last_answer_{};
  event::Time next_publishing_{};
  event::Time gathering_adapted_{};
  std::uint64_t received_then_ = 0;  ///< at gathering_adapted_
  event::Duration cpu_at_start_{};
  std::optional<event::Duration> waited_at_start_;
  Result result_;
  PublishedFigures published_;
};

}  // namespace wsbench::client
