#include "store/read/cursor.hpp"

#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "store/run/run_impl.hpp"

namespace wsbench::store {

namespace {

constexpr std::size_t kReadahead = std::size_t{1} << 20U;

bool same(const event::BlockInfo& a, const event::BlockInfo& b) noexcept {
  return a.round == b.round && a.phase == b.phase && a.agent == b.agent && a.shard == b.shard &&
         a.number == b.number;
}

}  // namespace

Cursor::Cursor(std::unique_ptr<const Bounds> bounds, std::unique_ptr<rocksdb::Iterator> scan,
               std::string place, const Selection& selection)
    : bounds_(std::move(bounds)), scan_(std::move(scan)), place_(std::move(place)), selection_(selection) {}

Result<Cursor> Cursor::open(const Run& run, std::string_view contestant, const Selection& selection) {
  const auto family = run.impl().family(contestant);
  if (!family) return tl::unexpected(family.error());
  auto bounds = std::make_unique<Bounds>();
  if (selection.round)
    bounds->lower = selection.phase ? keys::block_prefix(*selection.round, *selection.phase)
                                    : keys::block_prefix(*selection.round);
  bounds->upper = keys::behind(bounds->lower);
  bounds->lower_slice = bounds->lower;
  bounds->upper_slice = bounds->upper;
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &bounds->lower_slice;
  options.iterate_upper_bound = &bounds->upper_slice;
  options.fill_cache = false;
  options.readahead_size = kReadahead;
  std::unique_ptr<rocksdb::Iterator> scan(run.impl().db().NewIterator(options, *family));
  return Cursor(std::move(bounds), std::move(scan),
                run.impl().of_this(fmt::format("contestant {}", contestant)), selection);
}

Result<bool> Cursor::next() {
  if (!started_)
    scan_->SeekToFirst();
  else if (scan_->Valid())
    scan_->Next();
  started_ = true;
  return find();
}

Result<bool> Cursor::next_phase() {
  scan_->Seek(keys::behind(keys::block_prefix(key_.info.round, key_.info.phase)));
  return find();
}

Result<bool> Cursor::find() {
  while (scan_->Valid()) {
    auto taken = take_or_move();
    if (!taken || *taken) return taken;
  }
  if (!scan_->status().ok())
    return tl::unexpected(error_of(scan_->status(), fmt::format("read events of {}", place_)));
  return false;
}

Result<bool> Cursor::take_or_move() {
  const auto key = keys::parse_block(scan_->key().ToStringView());
  if (!key)
    return tl::unexpected(
        Error{Error::Kind::corruption,
              fmt::format("A key of {} is not that of a block: {}.", place_, scan_->key().ToString(true))});
  key_ = *key;
  const auto [round, phase] = std::pair(key->info.round, key->info.phase);
  if (selection_.phase && phase != *selection_.phase) {
    scan_->Seek(phase < *selection_.phase ? keys::block_prefix(round, *selection_.phase)
                                          : keys::behind(keys::block_prefix(round)));
    return false;
  }
  if (selection_.to && key->earliest >= *selection_.to) {
    scan_->Seek(keys::behind(keys::block_prefix(round, phase)));
    return false;
  }
  if (selection_.from) {
    const auto header = event::read_header(scan_->value().ToStringView());
    if (!header) return tl::unexpected(wrong_block(key_, header.error()));
    if (header->latest < *selection_.from) {
      scan_->Next();
      return false;
    }
  }
  return true;
}

Result<event::BlockHeader> Cursor::header() const {
  const auto header = event::read_header(packed());
  if (!header) return tl::unexpected(wrong_block(key_, header.error()));
  return *header;
}

Result<void> Cursor::read(const keys::BlockKey& key, std::string_view packed, event::Block& block) const {
  if (const auto unpacked = event::unpack(packed, block); !unpacked)
    return tl::unexpected(wrong_block(key, unpacked.error()));
  // A block under another's key was put there by nothing but a fault.
  if (const auto header = event::read_header(packed);
      !same(block.info, key.info) || header->earliest != key.earliest) {
    block.clear();
    return tl::unexpected(wrong_block(key, event::CodecError::malformed));
  }
  return {};
}

Error Cursor::wrong_block(const keys::BlockKey& key, event::CodecError error) const {
  const auto kind = error == event::CodecError::version ? Error::Kind::version : Error::Kind::corruption;
  return {kind, fmt::format("Block {} of {} (round {}, phase {}, shard {}) cannot be read: {}.",
                            key.info.number, place_, key.info.round, event::name(key.info.phase),
                            key.info.shard, event::name(error))};
}

}  // namespace wsbench::store
