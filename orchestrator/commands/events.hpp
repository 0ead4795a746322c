#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "store/event/event.hpp"

namespace wsbench::commands {

/// A query: rows to the standard output.
struct EventsOptions {
  std::filesystem::path run;
  std::vector<std::string> contestants;  ///< empty: all
  std::optional<std::uint16_t> round;
  std::optional<event::Phase> phase;
  std::string from, to;  ///< as exports::parse_moment() takes them; empty: no limit
  std::optional<std::uint32_t> client;
  std::vector<event::Kind> kinds;  ///< empty: all
  bool json = false;               ///< JSON lines instead of CSV
};
int events_command(const EventsOptions& options, const std::stop_token& stop);

}  // namespace wsbench::commands
