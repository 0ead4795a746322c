#include "store/fold/parallel_fold.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "store/fold/closer.hpp"
#include "store/fold/matcher.hpp"
#include "store/read/cursor.hpp"

namespace wsbench::store {

namespace {

constexpr unsigned kMostThreads = 12;        ///< more than the one that reads can feed
constexpr std::size_t kUsualBlock = 20'000;  ///< bytes

/// What a thread needs to fold chunks, and what came of those that it has folded.
class Worker {
 public:
  Worker(const Cursor& blocks, const Frame& frame) : blocks_(blocks), tally_(frame) {}

  void fold(Chunk& chunk);
  Tally& tally() noexcept { return tally_; }

 private:
  void take_read_lags(std::size_t first);

  const Cursor& blocks_;
  Tally tally_;
  event::Block block_;
  Matcher matcher_;
  Matches matches_;
  std::vector<event::ReadLag> read_lags_;  ///< of the block
};

void Worker::fold(Chunk& chunk) {
  matcher_.clear();
  std::size_t begin = 0;
  for (const auto& [key, end] : chunk.blocks) {
    if (auto read = blocks_.read(key, {chunk.bytes.data() + begin, end - begin}, block_); !read) {
      chunk.error = std::move(read.error());
      return;
    }
    const auto latest = event::read_header({chunk.bytes.data() + begin, end - begin})->latest;
    begin = end;
    tally_.count_events(block_.size());
    const std::size_t others_before = matches_.others.size();
    matcher_.feed(block_, matches_);
    tally_.record(matches_);
    tally_.window().record(block_, key.earliest, latest, matches_);
    if (matches_.others.size() > others_before) take_read_lags(others_before);
  }
  chunk.unmatched.swap(matches_.unmatched);
  chunk.others.swap(matches_.others);
  matcher_.unanswered().for_each(
      [&](const Unanswered::Message& message) { chunk.unanswered.push_back(message); });
  tally_.pack();
}

/// Takes the read lags, whose order does not matter, out of what the block has added to `others`, from
/// `first` on; and looks for steps of the wall clock there, which make them unsure.
void Worker::take_read_lags(std::size_t first) {
  const event::Phase phase = block_.info.phase;
  const bool counts = phase == event::Phase::measuring || phase == event::Phase::drain;
  auto& others = matches_.others;
  read_lags_.clear();
  const auto left = std::remove_if(
      others.begin() + static_cast<std::ptrdiff_t>(first), others.end(), [&](const event::Event& event) {
        if (counts && event.kind == event::Kind::instrument &&
            static_cast<event::Metric>(event.sequence) == event::Metric::wall_clock_step_nanoseconds)
          tally_.record_wall_clock_step();
        if (event.kind != event::Kind::read_lag) return false;
        if (counts) read_lags_.push_back(event::ReadLag::unpack(event.value, event.sequence));
        return true;
      });
  others.erase(left, others.end());
  tally_.record(read_lags_);
}

/// Threads that fold the chunks which they are given. Given and awaited by one thread.
class Pool {
 public:
  /// Throws std::system_error when the system has not even one thread for us.
  explicit Pool(std::vector<std::unique_ptr<Worker>>& workers) {
    threads_.reserve(workers.size());
    try {
      for (const auto& worker : workers) threads_.emplace_back([this, &worker] { work(*worker); });
    } catch (const std::system_error&) {
      if (threads_.empty()) throw;
    }
  }
  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    given_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void give(Chunk& chunk) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(&chunk);
    }
    given_.notify_one();
  }

  void await(const Chunk& chunk) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return chunk.done; });
  }

 private:
  void work(Worker& worker) {
    for (std::unique_lock lock(mutex_);;) {
      given_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
      if (ending_) return;
      Chunk& chunk = *waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      try {
        worker.fold(chunk);
      } catch (const std::exception& error) {  // out of memory
        chunk.error = Error{Error::Kind::io, error.what()};
      }
      lock.lock();
      chunk.done = true;
      done_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable given_, done_;
  std::deque<Chunk*> waiting_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

/// Fills a chunk with the next blocks; fewer than `most` only at the end.
Result<void> read(Cursor& cursor, std::size_t most, Chunk& chunk) {
  chunk.bytes.reserve(most * kUsualBlock);
  while (chunk.blocks.size() < most) {
    const auto found = cursor.next();
    if (!found) return tl::unexpected(found.error());
    if (!*found) break;
    chunk.bytes += cursor.packed();
    chunk.blocks.push_back({cursor.key(), chunk.bytes.size()});
  }
  return {};
}

using Chunks = std::deque<std::unique_ptr<Chunk>>;

/// The chunks through the pool: read as far ahead as `ahead` allows, closed in their order. Those in
/// `under_way` must stay until the pool has ended.
Result<void> fold_chunks(Cursor& cursor, std::unique_ptr<Chunk> first, Chunks& under_way, Pool& pool,
                         Closer& closer, std::size_t blocks, std::size_t ahead) {
  std::unique_ptr<Chunk> spare = std::move(first);
  for (bool ended = false;;) {
    while (!ended && under_way.size() < ahead) {
      if (spare == nullptr) spare = std::make_unique<Chunk>();
      if (spare->blocks.empty())
        if (auto filled = read(cursor, blocks, *spare); !filled) return filled;
      ended = spare->blocks.size() < blocks;
      if (spare->blocks.empty()) break;
      under_way.push_back(std::exchange(spare, nullptr));
      pool.give(*under_way.back());
    }
    if (under_way.empty()) return {};
    pool.await(*under_way.front());
    std::unique_ptr<Chunk> chunk = std::move(under_way.front());
    under_way.pop_front();
    if (chunk->error) return tl::unexpected(std::move(*chunk->error));
    closer.take(*chunk);
    chunk->clear();
    spare = std::move(chunk);
  }
}

}  // namespace

Result<FoldedRound> fold_round(const Run& run, std::string_view contestant, const Selection& selection,
                               const Frame& frame, const FoldOptions& options) {
  auto cursor = Cursor::open(run, contestant, selection);
  if (!cursor) return tl::unexpected(std::move(cursor.error()));
  const unsigned cpus = std::max(1U, std::thread::hardware_concurrency());
  const unsigned threads = options.threads != 0 ? options.threads : std::min(cpus, kMostThreads);
  const std::size_t blocks = std::max<std::size_t>(1, options.blocks);

  Closer closer(frame);
  std::vector<std::unique_ptr<Worker>> workers;
  workers.push_back(std::make_unique<Worker>(*cursor, frame));
  auto first = std::make_unique<Chunk>();
  if (auto filled = read(*cursor, blocks, *first); !filled) return tl::unexpected(std::move(filled.error()));
  if (first->blocks.size() < blocks) {
    workers.front()->fold(*first);
    if (first->error) return tl::unexpected(std::move(*first->error));
    closer.take(*first);
  } else {
    while (workers.size() < threads) workers.push_back(std::make_unique<Worker>(*cursor, frame));
    Chunks under_way;  // Goes after the pool's threads, whatever happens.
    Pool pool(workers);
    auto folded = fold_chunks(*cursor, std::move(first), under_way, pool, closer, blocks, 2 * threads);
    if (!folded) return tl::unexpected(std::move(folded.error()));
  }
  closer.finish();
  for (const auto& worker : workers) closer.tally().add(std::move(worker->tally()));
  return FoldedRound{std::move(closer.tally()), std::move(closer.samples())};
}

}  // namespace wsbench::store
