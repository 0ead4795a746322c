#pragma once

#include <optional>
#include <string_view>

#include "store/event/event.hpp"

namespace wsbench::exports {

/// A point of time as a user gives it.
struct Moment {
  bool relative = true;      ///< to the beginning of a round's measuring phase; else to the Unix epoch
  event::Duration offset{};  ///< may be negative where it is relative

  event::Time at(event::Time origin) const { return relative ? origin + offset : event::Time(offset); }
};

/// "10s", "1.5m", "250ms", "300us", "-2s", "1h": relative. A number of at least 12 digits and no unit is a
/// timestamp as the tables have it: microseconds since the epoch. None for anything else.
std::optional<Moment> parse_moment(std::string_view text);

}  // namespace wsbench::exports
