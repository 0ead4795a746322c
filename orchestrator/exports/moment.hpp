#pragma once

#include <optional>
#include <string_view>

#include "store/event/event.hpp"

namespace wsbench::exports {

/// A point in time as a user gives it.
struct Moment {
  bool relative = true;      ///< true: to the start of a round's measuring phase; false: to the Unix epoch
  event::Duration offset{};  ///< below 0 only where it is relative

  event::Time at(event::Time origin) const { return relative ? origin + offset : event::Time(offset); }
};

/// "10s", "1.5m", "250ms", "300us", "-2s" and "1h" are relative. A number of at least 12 digits without a
/// unit is a timestamp as in the tables: microseconds since the epoch. Anything else gives nothing.
std::optional<Moment> parse_moment(std::string_view text);

}  // namespace wsbench::exports
