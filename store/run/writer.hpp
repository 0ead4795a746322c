#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "store/event/sink.hpp"
#include "store/run/run.hpp"

namespace wsbench::store {

struct WriterSummary {
  std::uint64_t blocks = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;           ///< of packed blocks
  std::uint64_t blocks_refused = 0;  ///< acquire() calls that found every block in flight
};

/// The way of one contestant's blocks to disk: a pool of blocks, one bounded queue and one thread that packs
/// and puts them, and syncs the WAL about once a second. acquire() and submit() never wait for the disk. A
/// disk error is kept, and told by finish() and failed().
class Writer final : public event::Sink {
 public:
  /// Makes the contestant's column family if it is not there. `blocks` is how many may exist at a time:
  /// filling, queued or being written.
  static Result<std::unique_ptr<Writer>> start(Run& run, std::string_view contestant,
                                               std::size_t blocks = 1024);

  /// finish(), if that has not been called.
  ~Writer() override;

  std::unique_ptr<event::Block> acquire() noexcept override;
  void submit(std::unique_ptr<event::Block> block) noexcept override;

  /// True once a block could not be written, and at most a second after RocksDB failed in the background (a
  /// full disk): the load is better ended. Blocks are taken still, and dropped.
  bool failed() const noexcept;

  /// Writes what is queued, syncs, ends the thread. No block may be submitted from here on. A second call
  /// tells the same again. Called from one thread.
  Result<WriterSummary> finish();

 private:
  class Impl;
  explicit Writer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsbench::store
