#include "store/run/runs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <rocksdb/db.h>

#include "store/run/options.hpp"
#include "store/run/run_impl.hpp"

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

constexpr std::string_view kRemoved = ".removed";

tl::unexpected<Error> io_error(std::string_view doing, const std::filesystem::path& path,
                               const std::error_code& error) {
  return tl::unexpected(
      Error{Error::Kind::io, fmt::format("Cannot {} {}: {}.", doing, path.native(), error.message())});
}

/// The lock that RocksDB takes for writing: a POSIX record lock on the file LOCK.
class WriteLock {
 public:
  explicit WriteLock(const std::filesystem::path& directory)
      : path_(directory / kDatabase / "LOCK"), file_(::open(path_.c_str(), O_RDWR | O_CLOEXEC)) {}
  ~WriteLock() {
    if (file_ >= 0) ::close(file_);
  }
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

  bool is_held_by_another() const noexcept {
    struct flock lock = whole_file();
    return file_ >= 0 && ::fcntl(file_, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  }

  /// A run that was copied without the file gets one. resource_unavailable_try_again when another has it.
  std::error_code take() noexcept {
    if (file_ < 0) file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct flock lock = whole_file();
    if (file_ >= 0 && ::fcntl(file_, F_SETLK, &lock) == 0) return {};
    return {errno, std::generic_category()};
  }

 private:
  static struct flock whole_file() noexcept {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
  }

  const std::filesystem::path path_;
  int file_;
};

/// When a run of this name was begun; none when no run is named so.
std::optional<system_clock::time_point> time_of_name(std::string_view name) noexcept {
  if (name.size() <= kShape.size()) return std::nullopt;
  return parse_time(name.substr(name.size() - kShape.size()));
}

void sort_by_time(std::vector<RunDirectory>& runs) {
  std::sort(runs.begin(), runs.end(), [](const RunDirectory& a, const RunDirectory& b) {
    return std::tie(a.time, a.path) < std::tie(b.time, b.path);
  });
}

/// The directory itself, absolute and without symbolic links; none for a link to one.
std::optional<std::filesystem::path> real_directory(std::filesystem::path path) {
  std::error_code error;
  while (!path.has_filename() && path.has_relative_path()) path = path.parent_path();
  if (std::filesystem::symlink_status(path, error).type() != std::filesystem::file_type::directory)
    return std::nullopt;
  path = std::filesystem::canonical(path, error);
  if (error) return std::nullopt;
  return path;
}

bool is_database_elsewhere(const std::filesystem::path& directory) {
  std::error_code absent;
  return std::filesystem::is_symlink(directory / kDatabase, absent);
}

/// What no longer bears a run's name. CURRENT goes first: without it there is no database.
Result<void> delete_renamed(const std::filesystem::path& directory) {
  std::error_code error;
  if (!is_database_elsewhere(directory)) std::filesystem::remove(directory / kDatabase / "CURRENT", error);
  std::filesystem::remove_all(directory, error);
  if (error) return io_error("delete all of", directory, error);
  return {};
}

}  // namespace

bool is_run(const std::filesystem::path& directory) noexcept {
  std::error_code absent;
  return std::filesystem::exists(directory / kDatabase / "CURRENT", absent);
}

bool is_run_name(const std::filesystem::path& directory) {
  return time_of_name(directory.filename().native()).has_value();
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
    const auto time = time_of_name(name);
    if (time && is_run(entry->path()))
      runs.push_back({entry->path(), name.substr(0, name.size() - kShape.size()), *time});
  }
  if (error)
    return tl::unexpected(
        Error{Error::Kind::io, fmt::format("Cannot list {}: {}.", db_root.native(), error.message())});
  sort_by_time(runs);
  return runs;
}

Result<bool> is_untouched(const std::filesystem::path& directory) {
  std::vector<std::string> families;
  const auto listed =
      rocksdb::DB::ListColumnFamilies(reading_options(), (directory / kDatabase).native(), &families);
  if (!listed.ok())
    return tl::unexpected(error_of(listed, fmt::format("list the contestants of {}", directory.native())));
  if (families != std::vector{rocksdb::kDefaultColumnFamilyName}) return false;
  const auto run = Run::open(directory, Run::Access::read_only);
  if (!run) return tl::unexpected(run.error());
  const std::unique_ptr<rocksdb::Iterator> scan((*run)->impl().db().NewIterator({}));
  scan->SeekToFirst();
  if (!scan->status().ok())
    return tl::unexpected(
        error_of(scan->status(), fmt::format("read the database of {}", directory.native())));
  return !scan->Valid();
}

bool is_being_written(const std::filesystem::path& directory) noexcept {
  return WriteLock(directory).is_held_by_another();
}

Result<void> remove_run(const std::filesystem::path& directory) {
  const auto run = real_directory(directory);
  if (!run || !is_run(*run) || is_database_elsewhere(*run))
    return tl::unexpected(
        Error{Error::Kind::not_found, fmt::format("{} is no run's directory.", directory.native())});
  WriteLock lock(*run);
  std::error_code error = lock.take();
  if (error == std::errc::resource_unavailable_try_again)
    return tl::unexpected(Error{Error::Kind::locked, fmt::format("{} is being written.", run->native())});
  if (error) return io_error("lock", *run, error);
  auto renamed = run->parent_path() / ".";
  renamed += run->filename();
  renamed += kRemoved;
  std::filesystem::remove_all(renamed, error);  // of one that was cut short
  std::filesystem::rename(*run, renamed, error);
  if (error) return io_error("rename", *run, error);
  return delete_renamed(renamed);
}

Result<std::vector<RunDirectory>> list_leftovers(const std::filesystem::path& db_root) {
  std::vector<RunDirectory> leftovers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(db_root, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string whole = entry->path().filename().native();
    std::string_view name = whole;
    if (!name.starts_with('.') || !name.ends_with(kRemoved)) continue;
    name.remove_prefix(1);
    name.remove_suffix(kRemoved.size());
    std::error_code vanished;
    const auto type = entry->symlink_status(vanished).type();
    const auto time = time_of_name(name);
    if (time && type == std::filesystem::file_type::directory)
      leftovers.push_back({entry->path(), std::string(name.substr(0, name.size() - kShape.size())), *time});
  }
  if (error) return io_error("list", db_root, error);
  sort_by_time(leftovers);
  return leftovers;
}

Result<void> remove_leftover(const RunDirectory& leftover) {
  return delete_renamed(leftover.path);
}

}  // namespace wsbench::store
