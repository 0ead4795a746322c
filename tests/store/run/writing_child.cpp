// The other process of the store's tests:
//   writing_child write DIRECTORY   writes a run until it is killed, and tells on stdout how far it is
//   writing_child fill DIRECTORY    writes a run whose files must not grow beyond 2 MiB; exits with 0 when
//   the
//                                   error is told

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <thread>

#include "store/read/reader.hpp"
#include "store/run/run.hpp"
#include "store/run/writer.hpp"

using namespace wsbench;

namespace {

bool submit(store::Writer& writer, std::uint32_t number) {
  auto block = writer.acquire();
  if (block == nullptr) return false;
  block->info = {0, event::Phase::measuring, 0, 0, number};
  for (std::uint32_t i = 0; !block->full(); ++i)
    block->append({event::Time(std::chrono::seconds{1000 + number} + std::chrono::microseconds{i * 50}),
                   i * 7919U % 250000U, i % 997, number, event::Kind::send_message});
  writer.submit(std::move(block));
  return true;
}

std::size_t blocks_of(const store::Run& run, const char* contestant) {
  std::size_t count = 0;
  const auto scanned = store::scan_blocks(run, contestant, {}, [&](const event::Block&) { return ++count; });
  return scanned ? count : 0;
}

int write(const char* directory) {
  auto run = store::Run::create(directory);
  if (!run || !(*run)->append_journal("began")) return 1;
  auto first = store::Writer::start(**run, "finished");
  if (!first) return 1;
  for (std::uint32_t number = 0; number < 30; ++number) submit(**first, number);
  if (!(*first)->finish() || !(*run)->append_journal("finished")) return 1;

  auto second = store::Writer::start(**run, "cut", 8);
  if (!second) return 1;
  bool told = false;
  for (std::uint32_t number = 0;;) {
    if (submit(**second, number)) ++number;
    if (!told && blocks_of(**run, "cut") >= 10) {
      if (!(*run)->sync()) return 1;
      std::puts("synced");
      std::fflush(stdout);
      told = true;
    }
    std::this_thread::sleep_for(std::chrono::microseconds{100});
  }
}

int fill(const char* directory) {
  const rlimit limit{2U << 20U, 2U << 20U};
  std::signal(SIGXFSZ, SIG_IGN);
  auto run = store::Run::create(directory);
  if (!run || ::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
  auto writer = store::Writer::start(**run, "big");
  if (!writer) return 1;
  for (std::uint32_t number = 0; !(*writer)->failed();)
    if (submit(**writer, number)) ++number;
  const auto summary = (*writer)->finish();
  return !summary && summary.error().kind == store::Error::Kind::io ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  ::alarm(60);  // whatever goes wrong, this process ends
  if (argc != 3) return 2;
  if (std::strcmp(argv[1], "write") == 0) return write(argv[2]);
  if (std::strcmp(argv[1], "fill") == 0) return fill(argv[2]);
  return 2;
}
