#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "store/event/block.hpp"
#include "store/run/run.hpp"
#include "tests/store/temp_directory.hpp"

// Rounds made up from a seed, with everything in them that can go wrong, and what is to be found in them
// worked out message by message with no regard to speed.

namespace wsbench::store::rounds {

using event::Duration;
using event::Phase;
using event::Time;

struct Recorded {
  event::Event event;
  Phase phase;
  std::uint16_t shard;
};

/// Writes the events as those of contestant "go", each shard's in its order, in blocks of at most
/// `block_size`.
std::unique_ptr<Run> store_events(const TempDirectory& temp, const std::vector<Recorded>& events,
                                  std::uint16_t round, std::size_t block_size = event::Block::kCapacity);

/// When the phases of any_round() begin.
constexpr Time kWarmUp{std::chrono::seconds{1'795'000'000}};
constexpr Time kMeasuring = kWarmUp + std::chrono::seconds{1};
constexpr Time kDrain = kMeasuring + std::chrono::milliseconds{3200};
constexpr Time kClosing = kDrain + std::chrono::seconds{1};

/// A round of two shards: handshakes some of which fail, clients that end early, and messages with several of
/// a client under way that come back in any order, late, twice, altered or never.
std::vector<Recorded> any_round(std::uint64_t seed, Duration longest_lag = std::chrono::milliseconds{40});

struct Reference {
  struct Message {
    Time due, sent;
    std::optional<Time> back;
    std::optional<Time> altered;
    Phase phase;
  };
  std::map<std::pair<std::uint32_t, std::uint32_t>, Message> messages;
  std::map<std::uint32_t, Time> inits, opened, ended;
  std::vector<Duration> handshakes;
  std::vector<event::ReadLag> read_lags;  ///< of the measuring phase and its drain
  std::map<Time, std::map<event::Metric, std::uint64_t>> samples;
  std::map<event::NotSent, std::uint64_t> not_sent;
  std::uint64_t reordered = 0, duplicated = 0, foreign = 0;
  std::uint64_t received_in_window = 0;

  explicit Reference(const std::vector<Recorded>& events);

  /// Of the messages whose send was in the phase; `value` gives none for those that it does not apply to.
  template <typename Value>
  std::vector<Duration> values(Value&& value, Phase phase = Phase::measuring) const {
    std::vector<Duration> found;
    for (const auto& [key, message] : messages)
      if (const std::optional<Duration> one = value(message); one && message.phase == phase)
        found.push_back(*one);
    std::sort(found.begin(), found.end());
    return found;
  }

  /// Means over the measuring phase: messages under way, those that were waited for in vain, clients.
  struct Means {
    double under_way = 0, in_vain = 0, connected = 0;
  };
  Means means() const;

  /// Clients that were there at the drain's end and had then waited for longer than that.
  std::set<std::uint32_t> waiting_longer_than(Duration limit) const;
};

std::optional<Duration> latency(const Reference::Message& message);
std::optional<Duration> service_time(const Reference::Message& message);
std::optional<Duration> lag(const Reference::Message& message);
/// How long it was waited for in vain, from when it was due to the end of the drain.
std::optional<Duration> vain(const Reference::Message& message);

}  // namespace wsbench::store::rounds
