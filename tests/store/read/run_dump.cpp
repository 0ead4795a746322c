// What the independent reader of runs (tests/tools/read_run.py) is compared with:
//   run_dump record DIRECTORY           records a run of every kind of block
//   run_dump print DIRECTORY CONTESTANT prints its events in the reader's form

#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "store/read/reader.hpp"
#include "store/run/writer.hpp"
#include "tests/store/loads.hpp"

using namespace wsbench;
using event::Event;
using event::Kind;
using event::Phase;

namespace {

int failed(const store::Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return 1;
}

void submit(event::Sink& sink, event::BlockInfo info, const std::vector<Event>& events) {
  for (const auto& filled : loads::blocks_of(events, info)) {
    auto block = sink.acquire();
    if (block == nullptr) return;
    *block = *filled;
    sink.submit(std::move(block));
  }
}

/// Two clients: what docs/store.md takes to pieces.
std::vector<Event> example() {
  const auto at = [](int microseconds) { return loads::kBegin + std::chrono::microseconds{microseconds}; };
  return {{at(0), 250, 7, 0, Kind::send_message},     {at(3), 3250, 8, 0, Kind::send_message},
          {at(90), 0, 8, 0, Kind::recv_message},      {at(120), 0, 7, 0, Kind::recv_message},
          {at(1000), 1100, 7, 1, Kind::send_message}, {at(1075), 0, 7, 1, Kind::recv_message},
          {at(1080), 0x0068'05, 8, 0, Kind::exit}};
}

/// Times back and forth, values of every width, messages that repeat and miss their partners.
std::vector<Event> nonsense() {
  std::mt19937_64 random(17);
  std::vector<Event> events;
  for (int i = 0; i < 6000; ++i) {
    const auto time =
        loads::kBegin + event::Duration(static_cast<std::int64_t>(random() >> (20 + random() % 44)));
    events.push_back({time, random() >> random() % 64, static_cast<std::uint32_t>(random() % 50),
                      static_cast<std::uint32_t>(random() % 40) - 3,
                      static_cast<Kind>(1 + random() % (event::kKinds - 1))});
  }
  events.push_back({loads::kBegin, std::numeric_limits<std::uint64_t>::max(), ~0U, ~0U, Kind::send_message});
  return events;
}

int record(const char* directory) {
  const auto run = store::Run::create(directory);
  if (!run) return failed(run.error());
  loads::Load load;
  load.length = std::chrono::milliseconds{4000};
  loads::Load closed;
  closed.clients = 50;
  closed.length = std::chrono::milliseconds{40};
  const auto write = [&](const char* contestant, const auto& fill) {
    auto writer = store::Writer::start(**run, contestant);
    if (!writer) return false;
    fill(**writer);
    const auto summary = (*writer)->finish();
    return summary && summary->blocks_refused == 0;
  };
  const bool written = write("example",
                             [&](event::Sink& sink) {
                               submit(sink, {1, Phase::measuring, 0, 2, 5}, example());
                             }) &&
                       write("any", [&](event::Sink& sink) {
                         submit(sink, {0, Phase::warm_up, 0, 0, 0}, loads::closed_loop(closed));
                         submit(sink, {0, Phase::measuring, 0, 1, 100}, loads::open_loop(load));
                         submit(sink, {3, Phase::closing, 9, 0xFFFF, 0xFFFFFF00}, nonsense());
                       });
  return written ? 0 : 1;
}

int print(const char* directory, const char* contestant) {
  const auto run = store::Run::open(directory, store::Run::Access::read_only);
  if (!run) return failed(run.error());
  const auto scanned = store::scan_blocks(**run, contestant, {}, [](const event::Block& block) {
    const auto& info = block.info;
    for (std::size_t i = 0; i < block.size(); ++i) {
      const Event event = block[i];
      fmt::print("{} {} {} {} {} {} {} {} {} {}\n", info.round, static_cast<int>(info.phase), info.agent,
                 info.shard, info.number, event.time.time_since_epoch().count(), static_cast<int>(event.kind),
                 event.client, event.sequence, event.value);
    }
    return true;
  });
  return scanned ? 0 : failed(scanned.error());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "record" && argc == 3) return record(argv[2]);
  if (what == "print" && argc == 4) return print(argv[2], argv[3]);
  return 2;
}
