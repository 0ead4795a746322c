#include "store/run/run.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <rocksdb/db.h>

#include "store/run/keys.hpp"
#include "store/run/run_impl.hpp"

namespace wsbench::store {

Run::Run(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Run::~Run() = default;

Result<std::unique_ptr<Run>> Run::create(const std::filesystem::path& directory) {
  return Impl::open(directory, Impl::Mode::create).map([](std::unique_ptr<Impl> impl) {
    return std::unique_ptr<Run>(new Run(std::move(impl)));
  });
}

Result<std::unique_ptr<Run>> Run::open(const std::filesystem::path& directory, Access access) {
  const auto mode = access == Access::read_only ? Impl::Mode::read_only : Impl::Mode::read_write;
  return Impl::open(directory, mode).map([](std::unique_ptr<Impl> impl) {
    return std::unique_ptr<Run>(new Run(std::move(impl)));
  });
}

const std::filesystem::path& Run::directory() const noexcept {
  return impl_->directory();
}

Result<void> Run::put(std::string_view name, std::string_view document) {
  if (auto ready = impl_->writable(); !ready) return ready;
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto status = impl_->db().Put(synced, keys::document(name), rocksdb::Slice(document));
  if (!status.ok())
    return tl::unexpected(error_of(status, impl_->of_this(fmt::format("write the document {}", name))));
  return {};
}

Result<std::optional<std::string>> Run::get(std::string_view name) const {
  std::string document;
  const auto status = impl_->db().Get({}, keys::document(name), &document);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok())
    return tl::unexpected(error_of(status, impl_->of_this(fmt::format("read the document {}", name))));
  return document;
}

Result<std::vector<std::string>> Run::names(std::string_view prefix) const {
  std::vector<std::string> names;
  const std::string first = keys::document(prefix), last = keys::behind(first);
  const rocksdb::Slice bound(last);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> scan(impl_->db().NewIterator(options));
  for (scan->Seek(first); scan->Valid(); scan->Next())
    if (const auto name = keys::document_name(scan->key().ToStringView())) names.emplace_back(*name);
  if (!scan->status().ok())
    return tl::unexpected(error_of(scan->status(), impl_->of_this("list the documents")));
  return names;
}

Result<void> Run::remove(std::string_view name) {
  if (auto ready = impl_->writable(); !ready) return ready;
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto status = impl_->db().Delete(synced, keys::document(name));
  if (!status.ok())
    return tl::unexpected(error_of(status, impl_->of_this(fmt::format("remove the document {}", name))));
  return {};
}

Result<void> Run::append_journal(std::string_view entry) {
  return impl_->append_journal(entry);
}

Result<std::vector<std::string>> Run::journal() const {
  std::vector<std::string> entries;
  const std::unique_ptr<rocksdb::Iterator> scan(impl_->db().NewIterator({}));
  for (scan->Seek(keys::journal(0)); scan->Valid() && keys::journal_number(scan->key().ToStringView());
       scan->Next())
    entries.push_back(scan->value().ToString());
  if (!scan->status().ok())
    return tl::unexpected(error_of(scan->status(), impl_->of_this("read the journal")));
  return entries;
}

std::vector<std::string> Run::contestants() const {
  return impl_->contestants();
}

Result<void> Run::add_contestant(std::string_view contestant) {
  return impl_->add_contestant(contestant);
}

Result<void> Run::erase_events(std::string_view contestant, std::uint16_t round) {
  if (auto ready = impl_->writable(); !ready) return ready;
  const auto family = impl_->family(contestant);
  if (!family) return tl::unexpected(family.error());
  const std::string first = keys::block_prefix(round), last = keys::behind(first);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  auto status = impl_->db().DeleteRange(synced, *family, first, last);
  // Nothing is compacted by itself (options.cpp): without this the space would stay taken.
  const rocksdb::Slice begin(first), end(last);
  if (status.ok()) status = impl_->db().CompactRange({}, *family, &begin, &end);
  if (!status.ok())
    return tl::unexpected(error_of(
        status, impl_->of_this(fmt::format("erase round {} of the contestant {}", round, contestant))));
  return {};
}

Result<void> Run::sync() {
  return impl_->sync();
}

std::uint64_t Run::size_on_disk() const {
  // Files come and go while we look: what has gone counts nothing.
  std::uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(directory(), error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    const auto size = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace wsbench::store
