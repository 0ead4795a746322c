#include "tests/bench/store_task.hpp"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "client/load/recorder.hpp"
#include "store/fold/fold.hpp"
#include "store/read/reader.hpp"
#include "store/run/keys.hpp"
#include "store/run/run_impl.hpp"
#include "store/run/writer.hpp"

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

// librocksdb's too: it takes these from the program.
void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace wsbench::bench {

namespace {

constexpr const char* kContestant = "bench";
constexpr std::uint64_t kSegment = 2'000'000;  ///< events in memory at a time

double now(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

/// Sums of intervals in which something is done, by three clocks and a counter.
class Meter {
 public:
  void start() { before_ = read(); }
  void stop() {
    const Reading after = read();
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += after[i] - before_[i];
  }
  StoreCost per(std::uint64_t events) const {
    const auto count = static_cast<double>(events);
    StoreCost cost;
    cost.cpu_ns = sum_[0] / count;
    cost.writer_ns = (sum_[0] - sum_[1]) / count;
    cost.wall_ns = sum_[2] / count;
    cost.allocations = sum_[3] / count;
    return cost;
  }

 private:
  using Reading = std::array<double, 4>;
  static Reading read() {
    return {now(CLOCK_PROCESS_CPUTIME_ID), now(CLOCK_THREAD_CPUTIME_ID), now(CLOCK_MONOTONIC),
            static_cast<double>(allocations.load())};
  }
  Reading before_{};
  Reading sum_{};
};

/// Events that record_blocks() adds to the load's: when its measuring phase ended, without which there is no
/// window to count in.
constexpr std::uint64_t kMarks = 1;

template <typename T>
T valid(store::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

/// Calls `each` with the events of the load, some at a time, as many in all as the task wants.
void generate(const StoreTask& task, const std::function<void(const std::vector<event::Event>&)>& each) {
  loads::Load load = task.arrivals.load;
  for (std::uint64_t left = task.events; left > 0;) {
    const auto wanted = static_cast<std::int64_t>(std::min(left, kSegment) / 2);
    std::vector<event::Event> events;
    if (task.arrivals.closed) {
      load.length = load.service_time * wanted;
      events = loads::closed_loop(load);
    } else {
      load.length = load.interval * wanted / load.clients;
      events = loads::open_loop(load);
    }
    if (events.size() > left) events.resize(left);
    each(events);
    left -= events.size();
    load.start = events.back().time - loads::kBegin + load.interval;
    for (const event::Event& event : events)
      load.first_sequence = std::max(load.first_sequence, event.sequence + 1);
  }
}

/// Resident memory in MB: "VmRSS:", or "VmHWM:", the peak since reset_peak().
double memory(const std::string& which) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kilobytes = 0; word == which && status >> kilobytes) return kilobytes / 1024;
  return 0;
}

void reset_peak() {
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

double bytes_of_tables(const std::filesystem::path& directory) {
  double bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory))
    if (file.path().extension() == ".sst") bytes += static_cast<double>(file.file_size());
  return bytes;
}

/// Stands between the recorder and the writer: a shard that runs far ahead of any clock has to wait, where a
/// real one would count lost events.
class PatientSink final : public event::Sink {
 public:
  explicit PatientSink(event::Sink& sink) : sink_(sink) {}
  std::unique_ptr<event::Block> acquire() noexcept override {
    for (;;) {
      if (auto block = sink_.acquire()) return block;
      std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
  }
  void submit(std::unique_ptr<event::Block> block) noexcept override { sink_.submit(std::move(block)); }

 private:
  event::Sink& sink_;
};

std::unique_ptr<store::Run> open(const StoreTask& task) {
  return valid(store::Run::open(task.directory, store::Run::Access::read_only));
}

}  // namespace

StoreCost record_rows(const StoreTask& task, std::size_t batch) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  check(rocksdb::DB::Open(options, task.directory.native(), &raw));
  const std::unique_ptr<rocksdb::DB> db(raw);
  rocksdb::WriteBatch rows;
  std::uint32_t number = 0;
  Meter meter;
  generate(task, [&](const std::vector<event::Event>& events) {
    meter.start();
    for (const event::Event& event : events) {
      const std::string key = store::keys::block({{0, event::Phase::measuring, 0, 0, number++}, event.time});
      const auto row =
          fmt::format("{} {} {} {}", static_cast<int>(event.kind), event.client, event.sequence, event.value);
      if (batch == 1) {
        check(db->Put({}, key, row));
        continue;
      }
      rows.Put(key, row);
      if (static_cast<std::size_t>(rows.Count()) < batch) continue;
      check(db->Write({}, &rows));
      rows.Clear();
    }
    meter.stop();
  });
  meter.start();
  check(db->Write({}, &rows));
  check(db->SyncWAL());
  check(db->Flush({}));
  meter.stop();
  StoreCost cost = meter.per(task.events);
  cost.bytes = bytes_of_tables(task.directory) / static_cast<double>(task.events);
  return cost;
}

StoreCost record_blocks(const StoreTask& task) {
  const auto run = valid(store::Run::create(task.directory));
  const auto writer = valid(store::Writer::start(*run, kContestant));
  PatientSink sink(*writer);
  client::Recorder recorder(sink, 0, 0);
  recorder.enter(event::Phase::measuring);
  event::Time last{};
  Meter meter;
  generate(task, [&](const std::vector<event::Event>& events) {
    meter.start();
    for (const event::Event& event : events) recorder.record(event);
    meter.stop();
    last = events.back().time;
  });
  meter.start();
  recorder.enter(event::Phase::closing);
  recorder.record({last + std::chrono::seconds{1}, 0, event::kNobody, 0, event::Kind::phase_began});
  recorder.submit();
  const auto summary = valid(writer->finish());
  check(run->impl().db().Flush({}, valid(run->impl().family(kContestant))));
  meter.stop();
  if (summary.events != task.events + kMarks) throw std::runtime_error("events are missing");
  StoreCost cost = meter.per(task.events);
  cost.bytes = bytes_of_tables(task.directory) / static_cast<double>(task.events);
  return cost;
}

StoreCost scan(const StoreTask& task) {
  const auto run = open(task);
  std::uint64_t events = 0;
  Meter meter;
  meter.start();
  valid(store::scan_blocks(*run, kContestant, {}, [&](const event::Block& block) {
    events += block.size();
    return true;
  }));
  meter.stop();
  if (events != task.events + kMarks) throw std::runtime_error("events are missing");
  return meter.per(events);
}

StoreCost fold(const StoreTask& task, unsigned threads) {
  const auto run = open(task);
  reset_peak();
  const double before = memory("VmRSS:");
  Meter meter;
  meter.start();
  const auto statistics = valid(store::fold(*run, kContestant, 0, {threads, 256}));
  meter.stop();
  if (statistics.events != task.events + kMarks) throw std::runtime_error("events are missing");
  StoreCost cost = meter.per(statistics.events);
  cost.peak_mb = memory("VmHWM:") - before;
  return cost;
}

}  // namespace wsbench::bench
