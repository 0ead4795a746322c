#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <rocksdb/iterator.h>

#include "store/event/codec.hpp"
#include "store/run/keys.hpp"
#include "store/read/reader.hpp"

namespace wsbench::store {

/// What the folder's readers share: walks over the blocks of a selection in the order of their keys, and
/// unpacks those that it is asked for. Used from one thread; the Run outlives it.
class Cursor {
 public:
  static Result<Cursor> open(const Run& run, std::string_view contestant, const Selection& selection);

  /// Goes on to the next block of the selection; false behind the last one.
  Result<bool> next();

  /// The same from the next phase or round on.
  Result<bool> next_phase();

  /// Of the block that was found last.
  const keys::BlockKey& key() const noexcept { return key_; }

  /// Its header, without unpacking it.
  Result<event::BlockHeader> header() const;

  /// Its packed form, until the next call of next() or next_phase().
  std::string_view packed() const noexcept { return scan_->value().ToStringView(); }

  /// Unpacks that block. A block that contradicts its key is an error.
  Result<void> read(event::Block& block) const { return read(key_, packed(), block); }

  /// The same with a key and a packed form that were copied. May be called from any thread.
  Result<void> read(const keys::BlockKey& key, std::string_view packed, event::Block& block) const;

 private:
  /// Where the scan ends; behind a pointer, for RocksDB keeps their addresses while a Cursor may move.
  struct Bounds {
    std::string lower, upper;
    rocksdb::Slice lower_slice, upper_slice;
  };

  Cursor(std::unique_ptr<const Bounds> bounds, std::unique_ptr<rocksdb::Iterator> scan, std::string place,
         const Selection& selection);
  Result<bool> find();
  /// True when the key at hand is in the selection; else moves the scan on, as far as can be told.
  Result<bool> take_or_move();
  Error wrong_block(const keys::BlockKey& key, event::CodecError error) const;

  std::unique_ptr<const Bounds> bounds_;
  std::unique_ptr<rocksdb::Iterator> scan_;
  std::string place_;  ///< "contestant X of DIRECTORY", for messages
  Selection selection_;
  keys::BlockKey key_;
  bool started_ = false;
};

}  // namespace wsbench::store
