#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "store/run/error.hpp"

namespace wsbench::store {

template <typename T>
using Result = tl::expected<T, Error>;

/// One run's RocksDB: events in a column family per contestant; in the default family the manifest, the
/// journal and other small documents. All methods may be called from any thread. Whatever reads or writes
/// (Writer, scans) must end before the Run is destroyed; its destructor syncs the WAL and closes. After a
/// write has failed (a full disk) every other write fails too, until the run is opened again; reads still
/// work.
class Run {
 public:
  enum class Access { read_write, read_only };

  /// Makes the directory (and its parents) and an empty database in it. Error exists if there is one already,
  /// or anything else in the directory: whoever deletes a run deletes all that is in it.
  static Result<std::unique_ptr<Run>> create(const std::filesystem::path& directory);

  /// Opens a run that is there. read_only takes no lock and works beside a writer (it sees the run as it was
  /// on opening).
  static Result<std::unique_ptr<Run>> open(const std::filesystem::path& directory, Access access);

  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  const std::filesystem::path& directory() const noexcept;

  /// Small documents by name ("manifest", "result/0/go-gorilla"), synced when put() returns.
  Result<void> put(std::string_view name, std::string_view document);
  Result<std::optional<std::string>> get(std::string_view name) const;
  Result<std::vector<std::string>> names(std::string_view prefix) const;  ///< in byte order
  Result<void> remove(std::string_view name);

  /// The journal: entries in the order of their appending, each synced before append() returns.
  Result<void> append_journal(std::string_view entry);
  Result<std::vector<std::string>> journal() const;

  /// Contestants that have a column family, in byte order.
  std::vector<std::string> contestants() const;
  /// Makes the contestant's column family if it is not there.
  Result<void> add_contestant(std::string_view contestant);
  /// Deletes every event of one contestant's round and gives the space back; synced. Not while a Writer
  /// writes that round.
  Result<void> erase_events(std::string_view contestant, std::uint16_t round);

  /// Syncs the write-ahead log: what was written before survives a kill and a power cut.
  Result<void> sync();

  /// Bytes of all files of the run.
  std::uint64_t size_on_disk() const;

  class Impl;
  Impl& impl() const noexcept { return *impl_; }  ///< for the other parts of this folder

 private:
  explicit Run(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsbench::store
