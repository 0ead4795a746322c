#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "store/event/event.hpp"

namespace wsbench::client {

/// Messages that wait for their echo while that of a later one has come: lost, unless it still comes. Memory,
/// 16 bytes a message, is used by those alone; a client whose server leaves nothing out has none. Used from
/// one thread.
class Overtaken {
 public:
  /// Precondition: of a client, sequences ascend.
  void add(std::uint32_t client, std::uint32_t sequence, event::Time due) {
    clients_[client].push_back({due, sequence});
  }

  /// Takes a message out, and tells when it was due; none when it is not here.
  std::optional<event::Time> take(std::uint32_t client, std::uint32_t sequence) noexcept {
    const auto found = clients_.find(client);
    if (found == clients_.end()) return std::nullopt;
    auto& messages = found->second;
    const auto message =
        std::lower_bound(messages.begin(), messages.end(), sequence,
                         [](const Message& one, std::uint32_t wanted) { return one.sequence < wanted; });
    if (message == messages.end() || message->sequence != sequence) return std::nullopt;
    const event::Time due = message->due;
    messages.erase(message);
    if (messages.empty()) clients_.erase(found);
    return due;
  }

  /// Forgets a client's messages, and tells how many they were.
  std::size_t forget(std::uint32_t client) noexcept {
    const auto found = clients_.find(client);
    if (found == clients_.end()) return 0;
    const std::size_t count = found->second.size();
    clients_.erase(found);
    return count;
  }

 private:
  struct Message {
    event::Time due;
    std::uint32_t sequence;
  };
  std::unordered_map<std::uint32_t, std::vector<Message>> clients_;
};

}  // namespace wsbench::client
