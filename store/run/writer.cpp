#include "store/run/writer.hpp"

#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "store/event/codec.hpp"
#include "store/run/keys.hpp"
#include "store/run/run_impl.hpp"

namespace wsbench::store {

namespace {

constexpr std::chrono::seconds kSyncInterval{1};

}  // namespace

class Writer::Impl {
 public:
  Impl(Run::Impl& run, rocksdb::ColumnFamilyHandle* family, std::string_view contestant, std::size_t blocks)
      : run_(run),
        family_(family),
        writing_(run.of_this(fmt::format("write events of the contestant {}", contestant))),
        limit_(blocks) {
    free_.reserve(limit_);
    queue_.reserve(limit_);
    taken_.reserve(limit_);
    thread_ = std::thread(&Impl::write_all, this);
  }

  std::unique_ptr<event::Block> acquire() noexcept;
  void submit(std::unique_ptr<event::Block> block) noexcept;
  bool failed() const noexcept { return failed_.load(std::memory_order_relaxed); }
  Result<WriterSummary> finish();

 private:
  void write_all() noexcept;
  void write(const event::Block& block) noexcept;
  void sync() noexcept;
  void fail(Error error) noexcept;

  Run::Impl& run_;
  rocksdb::ColumnFamilyHandle* const family_;
  const std::string writing_;
  const std::size_t limit_;

  // Guarded by mutex_. The vectors never grow beyond their capacity.
  std::mutex mutex_;
  std::condition_variable work_;
  std::vector<std::unique_ptr<event::Block>>
      free_;  // the last one in is the first one out: warm in the cache
  std::vector<std::unique_ptr<event::Block>> queue_;
  std::size_t made_ = 0;
  std::uint64_t refused_ = 0;
  bool ending_ = false;

  std::atomic<bool> failed_{false};

  // The writing thread's; finish() reads them once it has ended.
  event::Packer packer_;
  std::vector<std::unique_ptr<event::Block>> taken_;
  WriterSummary summary_;
  std::optional<Error> error_;
  bool unsynced_ = false;

  std::thread thread_;
};

std::unique_ptr<event::Block> Writer::Impl::acquire() noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      auto block = std::move(free_.back());
      free_.pop_back();
      return block;
    }
    if (made_ == limit_ || ending_) {
      ++refused_;
      return nullptr;
    }
    ++made_;
  }
  try {
    return std::make_unique<event::Block>();
  } catch (const std::bad_alloc&) {
    const std::lock_guard lock(mutex_);
    --made_;
    ++refused_;
    return nullptr;
  }
}

void Writer::Impl::submit(std::unique_ptr<event::Block> block) noexcept {
  assert(block != nullptr && !block->empty());
  {
    const std::lock_guard lock(mutex_);
    assert(!ending_ && queue_.size() < limit_);
    queue_.push_back(std::move(block));
  }
  work_.notify_one();
}

void Writer::Impl::write_all() noexcept {
  auto next_sync = std::chrono::steady_clock::now() + kSyncInterval;
  for (bool ending = false; !ending;) {
    {
      std::unique_lock lock(mutex_);
      const auto awake = [&] { return !queue_.empty() || ending_; };
      if (unsynced_)
        work_.wait_until(lock, next_sync, awake);
      else
        work_.wait(lock, awake);
      ending = ending_;
      std::swap(queue_, taken_);
    }
    for (auto& block : taken_) {
      write(*block);
      block->clear();
      {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(block));
      }
      if (std::chrono::steady_clock::now() < next_sync) continue;
      sync();
      next_sync = std::chrono::steady_clock::now() + kSyncInterval;
    }
    taken_.clear();
    if (unsynced_ && std::chrono::steady_clock::now() >= next_sync) {
      sync();
      next_sync = std::chrono::steady_clock::now() + kSyncInterval;
    }
  }
  sync();
}

void Writer::Impl::write(const event::Block& block) noexcept {
  // After an error the rest is dropped, so that the load finds free blocks until it is told to end.
  if (failed()) return;
  const std::string_view packed = packer_.pack(block);
  const auto header = event::read_header(packed);
  const auto status =
      run_.db().Put({}, family_, keys::block({header->info, header->earliest}), rocksdb::Slice(packed));
  if (!status.ok()) return fail(error_of(status, writing_));
  unsynced_ = true;
  ++summary_.blocks;
  summary_.events += block.size();
  summary_.bytes += packed.size();
}

/// Also tells what failed in RocksDB's own threads since the last time.
void Writer::Impl::sync() noexcept {
  unsynced_ = false;
  if (failed()) return;
  if (auto synced = run_.sync(); !synced) fail(std::move(synced.error()));
}

void Writer::Impl::fail(Error error) noexcept {
  error_ = std::move(error);
  failed_ = true;
}

Result<WriterSummary> Writer::Impl::finish() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    work_.notify_one();
    thread_.join();
    // Memory and the write-ahead log are given back while the next contestant starts. Nothing depends on it:
    // the log is synced, and what fails then is told by the next write.
    rocksdb::FlushOptions later;
    later.wait = false;
    if (!failed()) run_.db().Flush(later, family_).PermitUncheckedError();
  }
  if (error_) return tl::unexpected(*error_);
  const std::lock_guard lock(mutex_);
  summary_.blocks_refused = refused_;
  return summary_;
}

Writer::Writer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Writer::~Writer() {
  static_cast<void>(impl_->finish());
}

Result<std::unique_ptr<Writer>> Writer::start(Run& run, std::string_view contestant, std::size_t blocks) {
  if (auto added = run.add_contestant(contestant); !added) return tl::unexpected(added.error());
  const auto family = run.impl().family(contestant);
  if (!family) return tl::unexpected(family.error());
  return std::unique_ptr<Writer>(new Writer(std::make_unique<Impl>(run.impl(), *family, contestant, blocks)));
}

std::unique_ptr<event::Block> Writer::acquire() noexcept {
  return impl_->acquire();
}

void Writer::submit(std::unique_ptr<event::Block> block) noexcept {
  impl_->submit(std::move(block));
}

bool Writer::failed() const noexcept {
  return impl_->failed();
}

Result<WriterSummary> Writer::finish() {
  return impl_->finish();
}

}  // namespace wsbench::store
