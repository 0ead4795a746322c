#include "store/run/ledger.hpp"

#include <system_error>

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "store/run/options.hpp"
#include "store/run/run_impl.hpp"

namespace wsbench::store {

class Ledger::Impl {
 public:
  Impl(std::filesystem::path directory, std::unique_ptr<rocksdb::DB> db)
      : directory_(std::move(directory)), db_(std::move(db)) {}
  ~Impl() { db_->Close().PermitUncheckedError(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  rocksdb::DB& db() const noexcept { return *db_; }
  tl::unexpected<Error> failed(const rocksdb::Status& status, std::string_view doing) const {
    return tl::unexpected(error_of(status, fmt::format("{} {}", doing, directory_.native())));
  }

 private:
  const std::filesystem::path directory_;
  const std::unique_ptr<rocksdb::DB> db_;
};

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return tl::unexpected(Error{Error::Kind::io, fmt::format("Cannot make the directory {}: {}.",
                                                             directory.native(), error.message())});
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = 1U << 20U;
  options.keep_log_file_num = 2;
  rocksdb::DB* db = nullptr;
  if (const auto status = rocksdb::DB::Open(options, directory.native(), &db); !status.ok())
    return tl::unexpected(error_of(status, fmt::format("open {}", directory.native())));
  return std::unique_ptr<Ledger>(
      new Ledger(std::make_unique<Impl>(directory, std::unique_ptr<rocksdb::DB>(db))));
}

Result<void> Ledger::write(const Batch& batch) {
  rocksdb::WriteBatch writes;
  for (const auto& [name, document] : batch) {
    const auto status = document ? writes.Put(name, *document) : writes.Delete(name);
    if (!status.ok()) return impl_->failed(status, "write");
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  if (const auto status = impl_->db().Write(synced, &writes); !status.ok())
    return impl_->failed(status, "write");
  return {};
}

Result<std::optional<std::string>> Ledger::get(std::string_view name) const {
  std::string document;
  const auto status = impl_->db().Get({}, name, &document);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return impl_->failed(status, "read");
  return document;
}

Result<std::vector<std::pair<std::string, std::string>>> Ledger::list(std::string_view prefix) const {
  std::vector<std::pair<std::string, std::string>> documents;
  const std::unique_ptr<rocksdb::Iterator> scan(impl_->db().NewIterator({}));
  for (scan->Seek(prefix); scan->Valid() && scan->key().starts_with(prefix); scan->Next())
    documents.emplace_back(scan->key().ToString(), scan->value().ToString());
  if (!scan->status().ok()) return impl_->failed(scan->status(), "list");
  return documents;
}

}  // namespace wsbench::store
