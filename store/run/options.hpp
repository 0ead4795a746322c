#pragma once

#include <memory>

#include <rocksdb/listener.h>
#include <rocksdb/options.h>

// How RocksDB is set up for a run: large values in ascending order, written once, read from end to end.

namespace wsbench::store {

rocksdb::DBOptions writing_options(std::shared_ptr<rocksdb::EventListener> listener);
rocksdb::DBOptions reading_options();

rocksdb::ColumnFamilyOptions document_family_options();
rocksdb::ColumnFamilyOptions event_family_options();

}  // namespace wsbench::store
