// How fast tables leave the store: MB of text per second of CPU, files in the page cache at both ends,
// against the plain way to write the same bytes: an event at a time through fprintf.
//
//   export_bench [MILLIONS OF EVENTS [ROUNDS]]     4 and 5 unless told otherwise; medians over the rounds

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "orchestrator/exports/tables.hpp"
#include "store/fold/pairs.hpp"
#include "store/read/timeline.hpp"
#include "store/run/writer.hpp"
#include "tests/store/loads.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using exports::Format;
using exports::Table;

namespace {

constexpr const char* kContestant = "go-gorilla";
constexpr std::uint32_t kShards = 2;
constexpr std::uint32_t kClients = 10'000;

[[noreturn]] void fail(const std::string& message) {
  fmt::print(stderr, "export_bench: {}\n", message);
  std::exit(3);
}

/// CPU time of the whole process, in seconds.
double cpu() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void submit(store::Writer& writer, const std::vector<event::Event>& recorded, event::BlockInfo info) {
  for (auto& filled : loads::blocks_of(recorded, info)) {
    std::unique_ptr<event::Block> block;
    while ((block = writer.acquire()) == nullptr) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    *block = *filled;
    writer.submit(std::move(block));
  }
}

/// A ramp of many clients, 20,000 a second.
std::vector<event::Event> handshakes(std::uint32_t clients) {
  constexpr auto kStep = std::chrono::microseconds{50};
  std::vector<event::Event> events;
  event::Time now = loads::kBegin - std::chrono::seconds{1} - clients * kStep;
  for (std::uint32_t client = 0; client < clients; ++client, now += kStep) {
    events.push_back({now, 0, client, 0, event::Kind::ws_init});
    if (client >= 4) events.push_back({now + kStep / 2, 0, client - 4, 0, event::Kind::ws_onopen});
  }
  return events;
}

/// An open loop of 10,000 clients that send once a second, dealt to two shards; before it, half as many
/// handshakes as there are messages.
void record(store::Run& run, std::uint64_t events) {
  const auto writer = store::Writer::start(run, kContestant);
  if (!writer) fail(writer.error().message);
  submit(**writer, handshakes(static_cast<std::uint32_t>(events / 4)), {0, event::Phase::ramp, 0, 0, 0});
  for (std::uint32_t shard = 0; shard < kShards; ++shard) {
    loads::Load load;
    load.clients = kClients / kShards;
    load.length = std::chrono::seconds(std::max<std::uint64_t>(1, events / (2ULL * kClients)));
    load.seed = shard + 1;
    auto recorded = loads::open_loop(load);
    for (event::Event& event : recorded) event.client = event.client * kShards + shard;
    event::BlockInfo info;
    info.phase = event::Phase::measuring;
    info.shard = static_cast<std::uint16_t>(shard);
    submit(**writer, recorded, info);
  }
  if (const auto finished = (*writer)->finish(); !finished) fail(finished.error().message);
}

void write_ours(const store::Run& run, Table table, const Format& format, const std::filesystem::path& path) {
  auto sink = exports::make_file_sink(path);
  if (!sink) fail(sink.error().message);
  const auto written = exports::write_table({run, kContestant}, table, format.kind, **sink,
                                            [](const store::Reading&) { return true; });
  if (!written) fail(written.error().message);
  if (const auto finished = (*sink)->finish(); !finished) fail(finished.error().message);
}

std::int64_t microseconds(event::Time time) {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}

void print_event(std::FILE* file, const event::Event& event, const event::BlockInfo& block) {
  std::fprintf(file, "%" PRId64 ",%s,%u,", microseconds(event.time), name(event.kind).data(), event.client);
  if (event.kind == event::Kind::send_message) {
    const event::Duration lag(static_cast<event::Duration::rep>(event.value));
    std::fprintf(file, "%u,%" PRId64, event.sequence, microseconds(event.time - lag));
  } else {
    std::fprintf(file, "%u,", event.sequence);
  }
  std::fprintf(file, ",%s,%u\n", name(block.phase).data(), unsigned{block.round});
}

/// The reference. It reads as ours does: what differs is how a line is made and written.
void write_plainly(const store::Run& run, Table table, const std::filesystem::path& path) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  if (file == nullptr) fail("cannot write " + path.string());
  store::Result<store::Reading> read;
  if (table == Table::events) {
    std::fputs("timestamp,type,client_id,event_key,event_data,phase,round\n", file);
    read = store::scan_timeline(run, kContestant, {}, [&](const store::Stretch& stretch) {
      for (const store::Placed& placed : stretch.events)
        print_event(file, (*placed.block)[placed.index], placed.block->info);
      return true;
    });
  } else {
    std::fputs("type,timestamp,elapsed\n", file);
    const bool of_messages = table == Table::message_latencies;
    const auto kind = of_messages ? store::PairKind::message : store::PairKind::handshake;
    read = store::scan_pairs(run, kContestant, kind, [&](const store::PairStretch& stretch) {
      for (const store::Pair& pair : stretch.pairs) {
        const std::int64_t began = microseconds(pair.began);
        std::fprintf(file, "%s,%" PRId64 ",%" PRId64 "\n", kContestant, began,
                     microseconds(pair.began + pair.elapsed) - began);
      }
      return true;
    });
  }
  if (std::fclose(file) != 0 || !read) fail("the reference could not be written");
}

struct Way {
  std::string name;
  std::function<void(const std::filesystem::path&)> write;
  std::vector<double> seconds{};  ///< of CPU, a round each
  double megabytes = 0;

  double median() {
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2];
  }
};

void compare(std::vector<Way> ways, const std::filesystem::path& path, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (Way& way : ways) {
      const double began = cpu();
      way.write(path);
      way.seconds.push_back(cpu() - began);
      way.megabytes = static_cast<double>(std::filesystem::file_size(path)) / 1e6;
    }
  }
  double reference = 0;
  for (Way& way : ways) {
    const double rate = way.megabytes / way.median();
    if (reference == 0) reference = rate;
    fmt::print("{:<34}{:>8.1f}{:>12.0f}{:>10.2f}\n", way.name, way.megabytes, rate, rate / reference);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const double millions = argc > 1 ? std::atof(argv[1]) : 4;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  if (millions < 0.1 || rounds < 1) fail("usage: export_bench [MILLIONS OF EVENTS [ROUNDS]]");
  const store::TempDirectory directory;
  const auto run = store::Run::create(directory / "run");
  if (!run) fail(run.error().message);
  record(**run, static_cast<std::uint64_t>(millions * 1e6));

  fmt::print("{:<34}{:>8}{:>12}{:>10}\n", "table", "MB", "MB/s of CPU", "ratio");
  for (const Table table : {Table::events, Table::message_latencies, Table::handshake_times}) {
    const auto ours = [&](Format::Kind kind) {
      return [&run, table, kind](const std::filesystem::path& path) {
        write_ours(**run, table, Format{kind, false}, path);
      };
    };
    const std::string title(name(table));
    std::vector<Way> ways{
        {title + ".csv by fprintf", [&](const auto& path) { write_plainly(**run, table, path); }},
        {title + ".csv", ours(Format::Kind::csv)},
        {title + ".jsonl", ours(Format::Kind::json_lines)}};
    compare(std::move(ways), directory / "table", rounds);
  }
  return 0;
}
