#include "store/run/options.hpp"

#include <cstddef>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/table.h>

namespace wsbench::store {

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

rocksdb::DBOptions common_options() {
  rocksdb::DBOptions options;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

}  // namespace

rocksdb::DBOptions writing_options(std::shared_ptr<rocksdb::EventListener> listener) {
  rocksdb::DBOptions options = common_options();
  options.max_background_jobs = 2;
  options.max_open_files = 256;  // the load generator wants the descriptors
  options.db_write_buffer_size = 192 * kMiB;
  options.max_total_wal_size = 512 * kMiB;
  // The kernel is handed what is written bit by bit, and the sync once a second finds little left to do.
  options.bytes_per_sync = kMiB;
  options.wal_bytes_per_sync = kMiB;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.keep_log_file_num = 2;
  options.max_log_file_size = kMiB;
  options.max_manifest_file_size = 4 * kMiB;
  options.listeners.push_back(std::move(listener));
  return options;
}

rocksdb::DBOptions reading_options() {
  rocksdb::DBOptions options = common_options();
  // A writer beside us may delete files: those of the state we opened stay readable while we hold them open.
  options.max_open_files = -1;
  return options;
}

rocksdb::ColumnFamilyOptions document_family_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 4 * kMiB;
  options.compression = rocksdb::kLZ4Compression;
  return options;
}

rocksdb::ColumnFamilyOptions event_family_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 64 * kMiB;
  options.max_write_buffer_number = 3;
  // The keys ascend and nothing is overwritten: merging files would only take time from the load. What little
  // is ever deleted, Run::erase_events compacts by itself.
  options.disable_auto_compactions = true;
  // Packed blocks do not shrink: LZ4 and zstd both left as many bytes per event as there were, of open loops
  // and of closed ones (tests/bench/store_bench.cpp).
  options.compression = rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table;
  table.no_block_cache = true;  // read once, from end to end
  table.checksum = rocksdb::kXXH3;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace wsbench::store
