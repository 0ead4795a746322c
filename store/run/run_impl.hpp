#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include "store/run/run.hpp"

namespace wsbench::store {

/// A failed call as an Error; `doing` is what was tried: "write the journal of runs/small-20261122T213000Z".
Error error_of(const rocksdb::Status& status, std::string_view doing);

/// Keeps the first error after which RocksDB takes no more writes, met in its own threads (a flush on a full
/// disk) or in ours. Thread-safe.
class BackgroundErrors final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
  std::optional<rocksdb::Status> first() const;

 private:
  mutable std::mutex mutex_;
  std::optional<rocksdb::Status> first_;
};

/// What the parts of this folder know of a run: its RocksDB and the handles. Thread-safe.
class Run::Impl {
 public:
  enum class Mode { create, read_write, read_only };

  static Result<std::unique_ptr<Impl>> open(const std::filesystem::path& directory, Mode mode);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const std::filesystem::path& directory() const noexcept { return directory_; }
  rocksdb::DB& db() const noexcept { return *db_; }

  /// Error io when the run was opened to read only, or once a write has failed: to be asked before every
  /// write. (RocksDB lets a read-only database make column families, and asserts that no log is synced after
  /// an error.)
  Result<void> writable() const;
  Result<void> sync();

  std::vector<std::string> contestants() const;
  Result<rocksdb::ColumnFamilyHandle*> family(std::string_view contestant) const;  ///< error not_found
  Result<void> add_contestant(std::string_view contestant);

  Result<void> append_journal(std::string_view entry);

  /// "write X of DIRECTORY", for error_of().
  std::string of_this(std::string_view doing) const;

 private:
  Impl(std::filesystem::path directory, Mode mode);
  Result<void> open_database();
  Result<void> find_journal_end();

  const std::filesystem::path directory_;
  const std::string database_;  ///< RocksDB's own folder in it
  const Mode mode_;
  const std::shared_ptr<BackgroundErrors> background_errors_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* default_family_ = nullptr;

  mutable std::shared_mutex families_mutex_;  // guards families_; handles live as long as the database
  std::map<std::string, rocksdb::ColumnFamilyHandle*, std::less<>> families_;

  std::mutex journal_mutex_;  // guards journal_next_, and keeps entries in the order of their numbers
  std::uint64_t journal_next_ = 0;
};

}  // namespace wsbench::store
