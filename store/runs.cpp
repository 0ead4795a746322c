#include "store/runs.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace wsbench::store {

namespace {

using std::chrono::system_clock;

constexpr std::string_view kShape = "-00000000T000000Z";

/// The number in `count` digits at `at`.
unsigned number(std::string_view digits, std::size_t at, std::size_t count) noexcept {
  unsigned value = 0;
  for (const char digit : digits.substr(at, count)) value = 10 * value + static_cast<unsigned>(digit - '0');
  return value;
}

/// The time in a name's ending as run_directory_name() writes it.
std::optional<system_clock::time_point> parse_time(std::string_view ending) noexcept {
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = ending[i] >= '0' && ending[i] <= '9';
    if (kShape[i] == '0' ? !digit : ending[i] != kShape[i]) return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number(ending, 1, 4))),
                                         std::chrono::month(number(ending, 5, 2)),
                                         std::chrono::day(number(ending, 7, 2))};
  const unsigned hours = number(ending, 10, 2), minutes = number(ending, 12, 2),
                 seconds = number(ending, 14, 2);
  if (!date.ok() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds);
}

}  // namespace

bool is_run(const std::filesystem::path& directory) noexcept {
  std::error_code absent;
  return std::filesystem::exists(directory / kDatabase / "CURRENT", absent);
}

std::filesystem::path run_directory_name(std::string_view suite, system_clock::time_point time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{}-{:04}{:02}{:02}T{:02}{:02}{:02}Z", suite, static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

Result<std::vector<RunDirectory>> list_runs(const std::filesystem::path& db_root) {
  std::vector<RunDirectory> runs;
  std::error_code error;
  std::filesystem::directory_iterator entry(db_root, error);
  if (error == std::errc::no_such_file_or_directory) return runs;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().native();
    if (name.size() <= kShape.size()) continue;
    const std::size_t suite = name.size() - kShape.size();
    const auto time = parse_time(std::string_view(name).substr(suite));
    if (time && is_run(entry->path())) runs.push_back({entry->path(), name.substr(0, suite), *time});
  }
  if (error)
    return tl::unexpected(
        Error{Error::Kind::io, fmt::format("Cannot list {}: {}.", db_root.native(), error.message())});
  std::sort(runs.begin(), runs.end(), [](const RunDirectory& a, const RunDirectory& b) {
    return std::tie(a.time, a.path) < std::tie(b.time, b.path);
  });
  return runs;
}

}  // namespace wsbench::store
