#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/store/loads.hpp"

// What store_bench measures, each in a process of its own.

namespace wsbench::bench {

/// A load as a load generator would record it.
struct Arrivals {
  std::string name;
  loads::Load load;
  bool closed = false;
};

/// CPU times are of the whole process, RocksDB's threads included. What a task does not tell stays 0. Plain
/// bytes: it goes through a pipe.
struct StoreCost {
  double cpu_ns = 0;       ///< per event
  double writer_ns = 0;    ///< of it, what other threads than the one that records took
  double wall_ns = 0;      ///< per event
  double bytes = 0;        ///< on disk, per event
  double allocations = 0;  ///< per event
  double peak_mb = 0;      ///< of resident memory, beyond what the process had before
};

/// Where a task may leave files, and how many events it handles.
struct StoreTask {
  Arrivals arrivals;
  std::uint64_t events = 0;
  std::filesystem::path directory;  ///< not there yet when recording; there when reading
};

// From the events in memory to bytes in RocksDB: write-ahead log on and synced at the end, memory flushed to
// files. Throw std::runtime_error when that cannot be done.

/// A key and a row per event, `batch` rows a write; 1: a Put for each.
StoreCost record_rows(const StoreTask& task, std::size_t batch);
/// As the load generator does it: client::Recorder, store::Writer.
StoreCost record_blocks(const StoreTask& task);

// Of a run that record_blocks() has left.

/// Reading and unpacking every block.
StoreCost scan(const StoreTask& task);
/// Statistics of the round; 0 threads: as many as there are CPUs.
StoreCost fold(const StoreTask& task, unsigned threads);

}  // namespace wsbench::bench
