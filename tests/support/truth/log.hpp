#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/truth/fates.hpp"

namespace wsbench::test::truth {

/// CLOCK_MONOTONIC, which wsbench's event::Clock counts by, too.
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

/// A message of a load. `sent` is when the last byte of its echo was given to the kernel; of a message
/// without an echo it is Time{}.
struct Record {
  Time read, sent;
  std::uint32_t connection = 0;  ///< in the order of their acceptance, from 0
  MessageName message;
  Outcome outcome = Outcome::unsent;
};

/// What was received in a time, and how long its echoes took.
struct Summary {
  std::array<std::uint64_t, kOutcomes> received{};  ///< by Outcome
  std::uint64_t echoes_sent = 0;  ///< in that time, whenever their messages came; copies count
  /// From reading to sending, by nearest rank; absent when nothing was echoed.
  std::optional<Nanoseconds> p50, p99, mean, max;
};

/// What a server of known truth really did, in the order of reading. Used from one thread.
class Log {
 public:
  /// The new record's number.
  std::size_t add(const Record& record) {
    records_.push_back(record);
    return records_.size() - 1;
  }
  Record& at(std::size_t number) { return records_[number]; }
  const std::vector<Record>& records() const noexcept { return records_; }

  /// Of `from` up to, but not at, `to`, counted from the first message.
  Summary summarise(Nanoseconds from, Nanoseconds to) const;

  /// A line each: connection,client,sequence,read_ns,sent_ns,outcome. Times are CLOCK_MONOTONIC's; sent_ns is
  /// empty where nothing was sent. Throws std::system_error.
  void write_csv(const std::filesystem::path& file) const;

 private:
  std::vector<Record> records_;
};

/// As a JSON object; durations in nanoseconds.
std::string to_json(const Summary& summary);

}  // namespace wsbench::test::truth
