#include "store/reader.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include "store/cursor.hpp"

namespace wsbench::store {

namespace {

/// A block on its way out, event by event in the order of time.
class OpenBlock {
 public:
  event::Block block;

  /// To be called when `block` is filled. `turn` is the order of blocks whose next events are of the same
  /// time.
  void begin(std::uint64_t turn) {
    turn_ = turn;
    next_ = 0;
    const auto& times = block.times();
    ordered_ = std::is_sorted(times.begin(), times.end());
    if (ordered_) return;
    order_.resize(block.size());
    std::iota(order_.begin(), order_.end(), 0U);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return times[a] < times[b]; });
  }

  bool ended() const noexcept { return next_ == block.size(); }
  std::size_t index() const noexcept { return ordered_ ? next_ : order_[next_]; }
  event::Time time() const noexcept { return block.times()[index()]; }
  std::uint64_t turn() const noexcept { return turn_; }
  void advance() noexcept { ++next_; }

 private:
  std::vector<std::uint32_t> order_;
  std::size_t next_ = 0;
  std::uint64_t turn_ = 0;
  bool ordered_ = true;
};

/// Where the keys ascend in time: one phase of one round.
struct Stream {
  Cursor cursor;
  std::uint32_t number = 0;
  std::uint32_t opened = 0;  ///< blocks so far
};

struct LaterStream {
  bool operator()(const Stream* a, const Stream* b) const noexcept {
    return std::tuple(a->cursor.key().earliest, a->number) > std::tuple(b->cursor.key().earliest, b->number);
  }
};

struct LaterBlock {
  bool operator()(const OpenBlock* a, const OpenBlock* b) const noexcept {
    return std::tuple(a->time(), a->turn()) > std::tuple(b->time(), b->turn());
  }
};

class Merge {
 public:
  Result<void> open(const Run& run, std::string_view contestant, const Selection& selection);
  Result<void> visit(const Selection& selection,
                     const std::function<bool(const event::Event&, const event::BlockInfo&)>& visit);

 private:
  Result<void> open_next_block();
  Result<void> advance(Stream& stream);

  std::vector<std::unique_ptr<Stream>> streams_;
  std::priority_queue<Stream*, std::vector<Stream*>, LaterStream> waiting_;
  std::vector<std::unique_ptr<OpenBlock>> blocks_;
  std::vector<OpenBlock*> unused_;
  std::priority_queue<OpenBlock*, std::vector<OpenBlock*>, LaterBlock> open_;
};

Result<void> Merge::open(const Run& run, std::string_view contestant, const Selection& selection) {
  Selection rest = selection;
  auto scan = Cursor::open(run, contestant, selection);
  if (!scan) return tl::unexpected(scan.error());
  for (auto found = scan->next();; found = scan->next_phase()) {
    if (!found) return tl::unexpected(found.error());
    if (!*found) return {};
    rest.round = scan->key().info.round;
    rest.phase = scan->key().info.phase;
    auto cursor = Cursor::open(run, contestant, rest);
    if (!cursor) return tl::unexpected(cursor.error());
    streams_.push_back(
        std::make_unique<Stream>(Stream{std::move(*cursor), static_cast<std::uint32_t>(streams_.size())}));
    if (auto advanced = advance(*streams_.back()); !advanced) return advanced;
  }
}

Result<void> Merge::advance(Stream& stream) {
  const auto found = stream.cursor.next();
  if (!found) return tl::unexpected(found.error());
  if (*found) waiting_.push(&stream);
  return {};
}

Result<void> Merge::open_next_block() {
  Stream* const stream = waiting_.top();
  waiting_.pop();
  if (unused_.empty()) {
    blocks_.push_back(std::make_unique<OpenBlock>());
    unused_.push_back(blocks_.back().get());
  }
  OpenBlock* const open = unused_.back();
  if (auto read = stream->cursor.read(open->block); !read) return read;
  open->begin(std::uint64_t{stream->number} << 32U | stream->opened++);
  if (!open->ended()) {
    unused_.pop_back();
    open_.push(open);
  }
  return advance(*stream);
}

Result<void> Merge::visit(const Selection& selection,
                          const std::function<bool(const event::Event&, const event::BlockInfo&)>& visit) {
  for (;;) {
    // No block that is not open yet may have an event before the one that goes out next.
    while (!waiting_.empty() &&
           (open_.empty() || waiting_.top()->cursor.key().earliest <= open_.top()->time()))
      if (auto opened = open_next_block(); !opened) return opened;
    if (open_.empty()) return {};
    OpenBlock& next = *open_.top();
    open_.pop();
    // Up to the next event of any other block there is no need to ask the queues again.
    event::Time limit = event::Time::max();
    if (!open_.empty()) limit = std::min(limit, open_.top()->time());
    if (!waiting_.empty()) limit = std::min(limit, waiting_.top()->cursor.key().earliest);
    do {
      const event::Event event = next.block[next.index()];
      if (selection.to && event.time >= *selection.to) return {};
      if ((!selection.from || event.time >= *selection.from) && !visit(event, next.block.info)) return {};
      next.advance();
    } while (!next.ended() && next.time() < limit);
    if (next.ended())
      unused_.push_back(&next);
    else
      open_.push(&next);
  }
}

}  // namespace

Result<void> scan_blocks(const Run& run, std::string_view contestant, const Selection& selection,
                         const std::function<bool(const event::Block&)>& visit) {
  auto cursor = Cursor::open(run, contestant, selection);
  if (!cursor) return tl::unexpected(cursor.error());
  event::Block block;
  for (;;) {
    const auto found = cursor->next();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return {};
    if (auto read = cursor->read(block); !read) return read;
    if (!visit(block)) return {};
  }
}

Result<void> scan_events(const Run& run, std::string_view contestant, const Selection& selection,
                         const std::function<bool(const event::Event&, const event::BlockInfo&)>& visit) {
  Merge merge;
  if (auto opened = merge.open(run, contestant, selection); !opened) return opened;
  return merge.visit(selection, visit);
}

}  // namespace wsbench::store
