#include "orchestrator/exports/moment.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

namespace wsbench::exports {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<std::string_view, event::Duration>, 5> kUnits{
    {{"us", 1us}, {"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}}};
constexpr double kLargestOffset = 1e18;  ///< in nanoseconds: 31 years
constexpr std::size_t kFewestDigits = 12;
constexpr std::int64_t kLatestTimestamp = 9'000'000'000'000'000;  ///< in microseconds; fits as nanoseconds

std::optional<Moment> parse_timestamp(std::string_view digits) {
  std::int64_t microseconds = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), microseconds);
  if (error != std::errc() || end != digits.data() + digits.size() || microseconds < 0 ||
      microseconds > kLatestTimestamp)
    return std::nullopt;
  return Moment{false, std::chrono::microseconds(microseconds)};
}

}  // namespace

std::optional<Moment> parse_moment(std::string_view text) {
  double number = 0;
  const auto [rest, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  if (unit.empty()) return text.size() < kFewestDigits ? std::nullopt : parse_timestamp(text);
  for (const auto& [name, length] : kUnits) {
    if (unit != name) continue;
    const double nanoseconds = number * static_cast<double>(length.count());
    if (std::abs(nanoseconds) > kLargestOffset) return std::nullopt;
    return Moment{true, event::Duration(std::llround(nanoseconds))};
  }
  return std::nullopt;
}

}  // namespace wsbench::exports
