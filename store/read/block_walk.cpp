#include "store/read/block_walk.hpp"

#include <tuple>

namespace wsbench::store {

bool BlockWalk::Later::operator()(const Stream* a, const Stream* b) const noexcept {
  return std::tuple(a->cursor.key().earliest, a->number) > std::tuple(b->cursor.key().earliest, b->number);
}

Result<BlockWalk> BlockWalk::open(const Run& run, std::string_view contestant, const Filter& filter,
                                  std::uint16_t round) {
  BlockWalk walk(filter);
  Selection rest = filter.where;
  rest.round = round;
  auto scan = Cursor::open(run, contestant, rest);
  if (!scan) return tl::unexpected(scan.error());
  for (auto found = scan->next();; found = scan->next_phase()) {
    if (!found) return tl::unexpected(found.error());
    if (!*found) return walk;
    rest.phase = scan->key().info.phase;
    auto cursor = Cursor::open(run, contestant, rest);
    if (!cursor) return tl::unexpected(cursor.error());
    const auto number = static_cast<std::uint32_t>(walk.streams_.size());
    walk.streams_.push_back(std::make_unique<Stream>(Stream{std::move(*cursor), number}));
    if (auto advanced = walk.advance(*walk.streams_.back()); !advanced)
      return tl::unexpected(advanced.error());
  }
}

Result<void> BlockWalk::advance(Stream& stream) {
  for (;;) {
    const auto found = stream.cursor.next();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return {};
    ++reading_.found;
    const auto wanted = may_hold_wanted(stream.cursor);
    if (!wanted) return tl::unexpected(wanted.error());
    if (!*wanted) continue;
    waiting_.push(&stream);
    return {};
  }
}

Result<bool> BlockWalk::may_hold_wanted(const Cursor& cursor) const {
  const auto& info = cursor.key().info;
  if (home_ && *home_ != Home(info.agent, info.shard)) return false;
  const auto header = cursor.header();
  if (!header) return tl::unexpected(header.error());
  return (header->kinds & filter_.kinds) != 0;
}

Result<bool> BlockWalk::next(event::Block& block) {
  while (!waiting_.empty()) {
    Stream& stream = *waiting_.top();
    waiting_.pop();
    // What was wanted when the stream came to it may since have turned out to be another shard's.
    auto wanted = may_hold_wanted(stream.cursor);
    if (!wanted) return wanted;
    if (*wanted) {
      if (auto read = stream.cursor.read(block); !read) return tl::unexpected(read.error());
      ++reading_.unpacked;
      learn_home(block);
    }
    if (auto advanced = advance(stream); !advanced) return tl::unexpected(advanced.error());
    if (*wanted) return true;
  }
  return false;
}

void BlockWalk::learn_home(const event::Block& block) {
  if (!filter_.client || home_) return;
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (block.clients()[i] != *filter_.client || !event::has_client(block.kinds()[i])) continue;
    home_ = Home(block.info.agent, block.info.shard);
    return;
  }
}

event::Time BlockWalk::horizon() const noexcept {
  return waiting_.empty() ? event::Time::max() : waiting_.top()->cursor.key().earliest;
}

}  // namespace wsbench::store
