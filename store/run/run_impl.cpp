#include "store/run/run_impl.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <rocksdb/convenience.h>

#include "store/run/keys.hpp"
#include "store/run/options.hpp"
#include "store/run/runs.hpp"

namespace wsbench::store {

Error error_of(const rocksdb::Status& status, std::string_view doing) {
  auto kind = Error::Kind::io;
  const std::string what = status.ToString();
  if (status.IsCorruption())
    kind = Error::Kind::corruption;
  else if (status.IsNotFound())
    kind = Error::Kind::not_found;
  // RocksDB has no code of its own for a lock that another holds.
  else if (status.IsIOError() && what.find("/LOCK") != std::string::npos)
    kind = Error::Kind::locked;
  return {kind, fmt::format("Cannot {}: {}.", doing, what)};
}

void BackgroundErrors::OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* status) {
  const std::lock_guard lock(mutex_);
  if (!first_) first_ = *status;
}

std::optional<rocksdb::Status> BackgroundErrors::first() const {
  const std::lock_guard lock(mutex_);
  return first_;
}

Run::Impl::Impl(std::filesystem::path directory, Mode mode)
    : directory_(std::move(directory)),
      database_((directory_ / kDatabase).native()),
      mode_(mode),
      background_errors_(std::make_shared<BackgroundErrors>()) {}

Result<std::unique_ptr<Run::Impl>> Run::Impl::open(const std::filesystem::path& directory, Mode mode) {
  std::error_code error;
  const bool there = is_run(directory);
  if (mode == Mode::create) {
    if (there)
      return tl::unexpected(
          Error{Error::Kind::exists, fmt::format("{} is a run already.", directory.native())});
    if (std::filesystem::is_directory(directory, error) && !std::filesystem::is_empty(directory, error) &&
        !error)
      return tl::unexpected(
          Error{Error::Kind::exists,
                fmt::format("{} is not empty: a run has a directory of its own.", directory.native())});
    error.clear();
    std::filesystem::create_directories(directory / kDatabase, error);
    if (error)
      return tl::unexpected(Error{Error::Kind::io, fmt::format("Cannot make the directory {}: {}.",
                                                               directory.native(), error.message())});
  } else if (!there) {
    return tl::unexpected(
        Error{Error::Kind::not_found, fmt::format("There is no run in {}.", directory.native())});
  }
  std::unique_ptr<Impl> impl(new Impl(directory, mode));
  auto opened = impl->open_database();
  if (!opened) {
    // What was made here is not to be in the way of the next attempt.
    if (mode == Mode::create) std::filesystem::remove_all(directory / kDatabase, error);
    return tl::unexpected(std::move(opened.error()));
  }
  return impl;
}

Result<void> Run::Impl::open_database() {
  rocksdb::DBOptions options =
      mode_ == Mode::read_only ? reading_options() : writing_options(background_errors_);
  options.create_if_missing = options.error_if_exists = mode_ == Mode::create;
  std::vector<std::string> names{rocksdb::kDefaultColumnFamilyName};
  if (mode_ != Mode::create) {
    const auto status = rocksdb::DB::ListColumnFamilies(options, database_, &names);
    if (!status.ok()) return tl::unexpected(error_of(status, of_this("list the contestants")));
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names)
    families.emplace_back(name, keys::contestant(name) ? event_family_options() : document_family_options());

  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto status = mode_ == Mode::read_only
                          ? rocksdb::DB::OpenForReadOnly(options, database_, families, &handles, &db)
                          : rocksdb::DB::Open(options, database_, families, &handles, &db);
  if (!status.ok()) return tl::unexpected(error_of(status, of_this("open the database")));
  db_.reset(db);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const auto contestant = keys::contestant(names[i]))
      families_.emplace(*contestant, handles[i]);
    else
      default_family_ = handles[i];
  }
  return find_journal_end();
}

Result<void> Run::Impl::find_journal_end() {
  const std::unique_ptr<rocksdb::Iterator> last(db_->NewIterator({}));
  last->SeekForPrev(keys::journal(~std::uint64_t{0}));
  if (!last->status().ok()) return tl::unexpected(error_of(last->status(), of_this("read the journal")));
  if (last->Valid())
    if (const auto number = keys::journal_number(last->key().ToStringView())) journal_next_ = *number + 1;
  return {};
}

Run::Impl::~Impl() {
  if (db_ == nullptr) return;
  // The order that RocksDB wants: nothing unsynced, nothing at work, no handles, and only then the database.
  // No error can be told from here; who must know calls Run::sync() before.
  if (mode_ != Mode::read_only) static_cast<void>(sync());
  rocksdb::CancelAllBackgroundWork(db_.get(), true);
  for (const auto& [name, handle] : families_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  db_->DestroyColumnFamilyHandle(default_family_).PermitUncheckedError();
  db_->Close().PermitUncheckedError();
}

Result<void> Run::Impl::writable() const {
  if (mode_ == Mode::read_only)
    return tl::unexpected(
        Error{Error::Kind::io,
              fmt::format("{} was opened to read only and takes no writes.", directory_.native())});
  if (const auto status = background_errors_->first())
    return tl::unexpected(error_of(*status, of_this("go on writing the files")));
  return {};
}

Result<void> Run::Impl::sync() {
  if (auto ready = writable(); !ready) return ready;
  const auto status = db_->SyncWAL();
  if (!status.ok()) return tl::unexpected(error_of(status, of_this("sync the write-ahead log")));
  return {};
}

std::vector<std::string> Run::Impl::contestants() const {
  const std::shared_lock lock(families_mutex_);
  std::vector<std::string> names;
  names.reserve(families_.size());
  for (const auto& [name, handle] : families_) names.push_back(name);
  return names;
}

Result<rocksdb::ColumnFamilyHandle*> Run::Impl::family(std::string_view contestant) const {
  const std::shared_lock lock(families_mutex_);
  const auto found = families_.find(contestant);
  if (found == families_.end())
    return tl::unexpected(Error{Error::Kind::not_found, fmt::format("There is no contestant {} in {}.",
                                                                    contestant, directory_.native())});
  return found->second;
}

Result<void> Run::Impl::add_contestant(std::string_view contestant) {
  if (auto ready = writable(); !ready) return ready;
  const std::unique_lock lock(families_mutex_);
  if (families_.find(contestant) != families_.end()) return {};
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  const auto status = db_->CreateColumnFamily(event_family_options(), keys::family(contestant), &handle);
  if (!status.ok())
    return tl::unexpected(error_of(status, of_this(fmt::format("add the contestant {}", contestant))));
  families_.emplace(contestant, handle);
  return {};
}

Result<void> Run::Impl::append_journal(std::string_view entry) {
  if (auto ready = writable(); !ready) return ready;
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const std::lock_guard lock(journal_mutex_);
  // The number is used up even if the write fails, since it may have reached the disk none the less.
  const auto status = db_->Put(synced, keys::journal(journal_next_++), rocksdb::Slice(entry));
  if (!status.ok()) return tl::unexpected(error_of(status, of_this("write the journal")));
  return {};
}

std::string Run::Impl::of_this(std::string_view doing) const {
  return fmt::format("{} of {}", doing, directory_.native());
}

}  // namespace wsbench::store
