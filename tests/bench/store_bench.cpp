// What the store costs: bytes and CPU per event of packing, unpacking, recording through a Writer into
// RocksDB, and folding; and what a row per event would cost instead. One line of figures per load.
//
//   store_bench [EVENTS [DIRECTORY]]     4,000,000 events a load, in a new directory under /tmp

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "store/event/codec.hpp"
#include "store/fold.hpp"
#include "store/keys.hpp"
#include "store/reader.hpp"
#include "store/writer.hpp"
#include "tests/store/loads.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;

namespace {

/// CPU time of the whole process, RocksDB's threads included, in ns.
double cpu() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double cpu_of(const std::function<void()>& work) {
  const double began = cpu();
  work();
  return cpu() - began;
}

[[noreturn]] void fail(const std::string& message) {
  fmt::print(stderr, "store_bench: {}\n", message);
  std::exit(3);
}

template <typename T>
T valid(store::Result<T> result) {
  if (!result) fail(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct Figures {
  double packed_bytes, pack, unpack, record, stored_bytes, scan, fold;
};

void record(store::Run& run, const std::vector<event::Event>& events) {
  const auto writer = valid(store::Writer::start(run, "bench"));
  std::uint32_t number = 0;
  const auto fresh = [&] {
    std::unique_ptr<event::Block> block;
    while ((block = writer->acquire()) == nullptr) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    block->info = {0, event::Phase::measuring, 0, 0, number++};
    return block;
  };
  auto block = fresh();
  for (const event::Event& event : events) {
    if (block->full()) {
      writer->submit(std::move(block));
      block = fresh();
    }
    block->append(event);
  }
  writer->submit(std::move(block));
  valid(writer->finish());
}

Figures measure(const std::vector<event::Event>& events, const std::filesystem::path& directory) {
  const auto count = static_cast<double>(events.size());
  Figures figures{};
  {
    const auto blocks = loads::blocks_of(events, {0, event::Phase::measuring, 0, 0, 0});
    event::Packer packer;
    std::vector<std::string> packed(blocks.size());
    for (std::size_t i = 0; i < blocks.size(); ++i)
      figures.packed_bytes += static_cast<double>(packer.pack(*blocks[i]).size());
    figures.pack = cpu_of([&] {
      for (const auto& block : blocks) packer.pack(*block);
    });
    for (std::size_t i = 0; i < blocks.size(); ++i) packed[i] = packer.pack(*blocks[i]);
    event::Block back;
    figures.unpack = cpu_of([&] {
      for (const std::string& one : packed)
        if (!event::unpack(one, back)) fail("a block does not unpack");
    });
  }
  figures.record = cpu_of([&] {
    const auto run = valid(store::Run::create(directory));
    record(*run, events);
  });
  {
    // Opened once to write, what is left in the write-ahead log becomes a file.
    valid(store::Run::open(directory, store::Run::Access::read_write));
    const auto run = valid(store::Run::open(directory, store::Run::Access::read_only));
    figures.stored_bytes = static_cast<double>(run->size_on_disk());
    std::uint64_t scanned = 0;
    figures.scan = cpu_of([&] {
      valid(store::scan_blocks(*run, "bench", {},
                               [&](const event::Block& block) { return scanned += block.size(); }));
    });
    store::Statistics statistics;
    figures.fold = cpu_of([&] { statistics = valid(store::fold(*run, "bench", 0)); });
    if (scanned != events.size() || statistics.events != events.size()) fail("events are missing");
  }
  for (double* figure : {&figures.packed_bytes, &figures.pack, &figures.unpack, &figures.record,
                         &figures.stored_bytes, &figures.scan, &figures.fold})
    *figure /= count;
  return figures;
}

/// A key and a row per event, `batch` rows a write.
void measure_rows(const std::vector<event::Event>& events, std::size_t batch,
                  const std::filesystem::path& directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  const double used = cpu_of([&] {
    rocksdb::DB* raw = nullptr;
    if (!rocksdb::DB::Open(options, directory.native(), &raw).ok())
      fail("cannot open the reference database");
    const std::unique_ptr<rocksdb::DB> db(raw);
    rocksdb::WriteBatch rows;
    std::uint32_t number = 0;
    for (const event::Event& event : events) {
      const std::string key = store::keys::block({{0, event::Phase::measuring, 0, 0, number++}, event.time});
      const auto row =
          fmt::format("{} {} {} {}", static_cast<int>(event.kind), event.client, event.sequence, event.value);
      rows.Put(key, row);
      if (static_cast<std::size_t>(rows.Count()) < batch) continue;
      if (!db->Write({}, &rows).ok()) fail("cannot write the reference database");
      rows.Clear();
    }
    if (!db->Write({}, &rows).ok() || !db->Flush({}).ok()) fail("cannot write the reference database");
  });
  double bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory))
    if (file.path().extension() == ".sst") bytes += static_cast<double>(file.file_size());
  const auto count = static_cast<double>(events.size());
  fmt::print("a row per event, {:>4} a write: record {:7.1f} ns, {:5.2f} bytes stored\n", batch, used / count,
             bytes / count);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 4'000'000;
  const store::TempDirectory temp;
  const std::filesystem::path root =
      argc > 2 ? std::filesystem::path(argv[2]) / temp.path().filename() : temp.path();

  const auto open = [&](std::uint32_t clients) {
    loads::Load load;
    load.clients = clients;
    load.length = std::chrono::nanoseconds{
        static_cast<std::int64_t>(1e9 * static_cast<double>(wanted) / (2.0 * clients))};
    return loads::open_loop(load);
  };
  const auto closed = [&](std::uint32_t clients) {
    loads::Load load;
    load.clients = clients;
    load.length = load.service_time * static_cast<std::int64_t>(wanted / 2);
    return loads::closed_loop(load);
  };
  struct Case {
    const char* name;
    std::vector<event::Event> events;
  };
  fmt::print("CPU per event, all threads; RocksDB included from `record` on\n");
  fmt::print("{:<24} {:>9} {:>8} {:>8} {:>8} {:>9} {:>8} {:>8} {:>12}\n", "load", "packed B", "pack",
             "unpack", "record", "stored B", "scan", "fold", "fold M/s");
  int number = 0;
  for (const Case& one : {Case{"open 10,000 x 1/s", open(10'000)}, Case{"open 1,000 x 1/s", open(1000)},
                          Case{"closed 100", closed(100)}, Case{"closed 10,000", closed(10'000)}}) {
    const auto directory = root / std::to_string(number++);
    const Figures figures = measure(one.events, directory);
    fmt::print("{:<24} {:9.2f} {:8.1f} {:8.1f} {:8.1f} {:9.2f} {:8.1f} {:8.1f} {:12.1f}\n", one.name,
               figures.packed_bytes, figures.pack, figures.unpack, figures.record, figures.stored_bytes,
               figures.scan, figures.fold, 1000.0 / figures.fold);
    std::filesystem::remove_all(directory);
  }
  auto some = open(10'000);
  some.resize(std::min<std::size_t>(some.size(), 1'000'000));
  for (const std::size_t batch : {1U, 1000U})
    measure_rows(some, batch, root / ("rows-" + std::to_string(batch)));
  if (root != temp.path()) std::filesystem::remove_all(root);
}
