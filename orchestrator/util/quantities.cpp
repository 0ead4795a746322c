#include "orchestrator/util/quantities.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

#include <fmt/format.h>

namespace wsbench::util {

namespace {

constexpr double kStep = 1000;

constexpr std::array<std::string_view, 4> kDurationUnits{"ns", "us", "ms", "s"};
constexpr std::array<std::string_view, 5> kByteUnits{"B", "KB", "MB", "GB", "TB"};

std::string without_trailing_zeros(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return number;
}

/// How many decimals leave three significant digits of a number below 1,000.
int decimals_of(double number) {
  return number < 10 ? 2 : number < 100 ? 1 : 0;
}

/// The number in the largest unit in which it is at least 1 once it has been rounded: 999.7 us are "1 ms".
std::string in_best_unit(double number, std::span<const std::string_view> units) {
  std::size_t unit = 0;
  for (; unit + 1 < units.size(); ++unit) {
    if (number < kStep - 0.5) break;
    number /= kStep;
  }
  return fmt::format("{} {}", without_trailing_zeros(fmt::format("{:.{}f}", number, decimals_of(number))),
                     units[unit]);
}

}  // namespace

std::string format_duration(std::chrono::nanoseconds duration) {
  if (duration.count() == 0) return "0 s";
  if (duration.count() < 0) {
    // The most negative duration has no positive counterpart.
    return "-" + format_duration(-std::max(duration, -std::chrono::nanoseconds::max()));
  }
  if (duration >= std::chrono::seconds{1000}) return format_elapsed(duration);
  return in_best_unit(static_cast<double>(duration.count()), kDurationUnits);
}

std::string format_bytes(std::uint64_t bytes) {
  return in_best_unit(static_cast<double>(bytes), kByteUnits);
}

std::string format_count(std::uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string format_percentage(double ratio) {
  assert(std::isfinite(ratio));
  constexpr double kFinest = 0.0001;
  if (ratio > 0 && ratio < kFinest) return "<0.01%";
  if (ratio < 1 && ratio > 1 - kFinest) return ">99.99%";
  return without_trailing_zeros(fmt::format("{:.2f}", ratio * 100)) + "%";
}

std::string format_elapsed(std::chrono::nanoseconds elapsed) {
  const auto total =
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(elapsed).count(), 0);
  return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
}

}  // namespace wsbench::util
