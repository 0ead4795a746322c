#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>

#include "client/plan.hpp"
#include "store/event/event.hpp"

namespace wsbench::client {

/// What all shards do together. Each is entered at one announced time; the next begins when every shard has
/// finished with it. warm_up and measuring include the wait for their echoes.
enum class Stage : std::uint8_t { ramp, warm_up, measuring, closing, done };
constexpr std::size_t kStages = 5;

/// Keeps the shards of a load in step. Thread-safe; nothing in it waits but wait_for().
///
///   ramp --> [warm_up] --> measuring --> closing --> done
///   any of the first three --> closing, when no client is open, or on stop()
class Coordinator {
 public:
  /// Tells every shard to enter a stage at a time; called while locked, so it must only post.
  using Announce = std::function<void(Stage, event::Time)>;

  struct Times {
    std::array<event::Time, kStages> began{};  ///< 0: not entered
    event::Time measuring_ends{};
  };

  Coordinator(const Plan& plan, std::size_t shards, Announce announce);

  void begin();
  void stop() noexcept;

  /// A shard has nothing more to do in `stage`; once per shard and stage. `open`: how many of its clients
  /// are.
  void finished(Stage stage, std::uint32_t open);

  bool done() const;
  bool wait_for(event::Duration limit);
  void wait();

  Times times() const;
  bool stopped_early() const;

 private:
  void enter(Stage stage, event::Time at);
  Stage after(Stage stage) const noexcept;

  const Plan& plan_;
  const std::size_t shards_;
  const Announce announce_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Stage stage_ = Stage::ramp;
  std::size_t finished_ = 0;
  std::uint64_t open_ = 0;
  Times times_;
  bool stopped_early_ = false;
};

}  // namespace wsbench::client
