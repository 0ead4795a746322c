#include "orchestrator/csv.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "store/writer.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using namespace std::chrono_literals;
using event::Kind;
using event::Phase;
using event::Reason;

namespace {

constexpr event::Time kStart{1'700'000'000s};

/// Fills blocks as a shard does: a new one for every phase, and when one is full.
class Recorder {
 public:
  Recorder(store::Run& run, std::string_view contestant) : writer_(*store::Writer::start(run, contestant)) {}

  void round(std::uint16_t number) {
    flush();
    info_ = {.round = number};
  }
  void phase(Phase phase) {
    flush();
    info_.phase = phase;
  }
  void add(Kind kind, event::Duration at, std::uint32_t client, std::uint32_t sequence = 0,
           std::uint64_t value = 0) {
    if (!block_) {
      block_ = writer_->acquire();
      block_->info = info_;
      ++info_.number;
    }
    block_->append({kStart + at, value, client, sequence, kind});
    if (block_->full()) flush();
  }
  void send(event::Duration at, event::Duration lag, std::uint32_t client, std::uint32_t sequence) {
    add(Kind::send_message, at, client, sequence, static_cast<std::uint64_t>(lag.count()));
  }
  void end(Kind kind, event::Duration at, std::uint32_t client, event::Ending ending) {
    add(kind, at, client, 0, ending.packed());
  }
  void finish() {
    flush();
    REQUIRE(writer_->finish());
  }

 private:
  void flush() {
    if (block_) writer_->submit(std::move(block_));
    block_.reset();
  }

  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<event::Block> block_;
  event::BlockInfo info_;
};

std::string content(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Two clients of which one is refused, a warm-up message, two measured ones of which one is lost, a sample.
void record_small_round(Recorder& recorder) {
  recorder.phase(Phase::ramp);
  recorder.add(Kind::ws_init, 1'999ns, 0);
  recorder.add(Kind::ws_onopen, 3'000ns, 0);
  recorder.add(Kind::ws_init, 4us, 1);
  recorder.end(Kind::exit, 5us, 1, {Reason::refused, 0});
  recorder.add(Kind::ws_init, 6us, 2);
  recorder.end(Kind::exit, 2006us, 2, {Reason::connection_timeout, 0});
  recorder.phase(Phase::warm_up);
  recorder.send(3ms, 10us, 0, 0);
  recorder.add(Kind::recv_message, 3100us, 0, 0);
  recorder.phase(Phase::measuring);
  recorder.send(4'000'500ns, 1'000ns, 0, 1);
  recorder.add(Kind::server, 4001us, static_cast<std::uint32_t>(event::Metric::rss_bytes), 0, 123'456'789);
  recorder.send(5ms, 0ns, 0, 2);
  recorder.phase(Phase::drain);
  recorder.add(Kind::recv_message, 6'000'100ns, 0, 1);
  recorder.phase(Phase::closing);
  recorder.end(Kind::ws_onclose, 7ms, 0, {Reason::completed, 1000});
}

}  // namespace

TEST_CASE("the four tables of a contestant tell its events, in microseconds") {
  const store::TempDirectory temp;
  const auto run = *store::Run::create(temp / "run");
  Recorder recorder(*run, "go,gorilla");
  record_small_round(recorder);
  recorder.finish();
  REQUIRE(orchestrator::write_statistics(*run, "go,gorilla", temp / "out"));
  REQUIRE(orchestrator::write_events(*run, "go,gorilla", temp / "out"));

  const std::filesystem::path out = temp / "out" / "go,gorilla";
  CHECK(content(out / "counts.csv") ==
        "type,clients,handshakes,connection_timeouts,messages_sent,messages_recv,crashes\n"
        "\"go,gorilla\",3,1,1,2,1,1\n");
  CHECK(content(out / "handshake_times.csv") ==
        "type,timestamp,elapsed\n"
        "\"go,gorilla\",1700000000000001,2\n");
  CHECK(content(out / "message_latencies.csv") ==
        "type,timestamp,elapsed\n"
        "\"go,gorilla\",1700000000003999,2001\n");
  CHECK(content(out / "events.csv") ==
        "timestamp,type,client_id,event_key,event_data,phase,round\n"
        "1700000000000001,ws_init,0,,,ramp,0\n"
        "1700000000000003,ws_onopen,0,,,ramp,0\n"
        "1700000000000004,ws_init,1,,,ramp,0\n"
        "1700000000000005,EXIT,1,refused,0,ramp,0\n"
        "1700000000000006,ws_init,2,,,ramp,0\n"
        "1700000000002006,EXIT,2,connection_timeout,0,ramp,0\n"
        "1700000000003000,send_message,0,0,1700000000002990,warm_up,0\n"
        "1700000000003100,recv_message,0,0,,warm_up,0\n"
        "1700000000004000,send_message,0,1,1700000000003999,measuring,0\n"
        "1700000000004001,server,,rss_bytes,123456789,measuring,0\n"
        "1700000000005000,send_message,0,2,1700000000005000,measuring,0\n"
        "1700000000006000,recv_message,0,1,,drain,0\n"
        "1700000000007000,ws_onclose,0,completed,1000,closing,0\n");
}

TEST_CASE("an unknown contestant is told, and nothing is made for it") {
  const store::TempDirectory temp;
  const auto run = *store::Run::create(temp / "run");
  const auto written = orchestrator::write_events(*run, "nobody", temp / "out");
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == store::Error::Kind::not_found);
  CHECK_FALSE(std::filesystem::exists(temp / "out"));
}

TEST_CASE("a contestant without events has tables without rows") {
  const store::TempDirectory temp;
  const auto run = *store::Run::create(temp / "run");
  REQUIRE(run->add_contestant("idle"));
  REQUIRE(orchestrator::write_statistics(*run, "idle", temp / "out"));
  REQUIRE(orchestrator::write_events(*run, "idle", temp / "out"));
  for (const char* table : {"counts.csv", "handshake_times.csv", "message_latencies.csv", "events.csv"}) {
    const std::string text = content(temp / "out" / "idle" / table);
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  }
}

TEST_CASE("events.csv pairs to the very numbers of the other tables, over rounds and many blocks") {
  const store::TempDirectory temp;
  const auto run = *store::Run::create(temp / "run");
  Recorder recorder(*run, "node-ws");
  std::mt19937_64 random(1);
  const auto some = [&](std::uint64_t below) {
    return event::Duration(static_cast<std::int64_t>(random() % below));
  };
  constexpr std::uint32_t kClients = 50;
  for (std::uint16_t round = 0; round < 2; ++round) {
    const event::Duration begin = round * 100s;
    recorder.round(round);
    recorder.phase(Phase::ramp);
    for (std::uint32_t client = 0; client < kClients; ++client) {
      const event::Duration at = begin + client * 1ms + some(1000);
      recorder.add(Kind::ws_init, at, client);
      recorder.add(Kind::ws_onopen, at + 1us + some(900'000), client);
    }
    std::uint32_t sequence = 0;
    for (const Phase phase : {Phase::warm_up, Phase::measuring}) {
      recorder.phase(phase);
      for (int beat = 0; beat < 200; ++beat, ++sequence) {
        for (std::uint32_t client = 0; client < kClients; ++client) {
          const event::Duration at = begin + 1s + sequence * 10ms + client * 100us + some(50'000);
          recorder.send(at, some(250'000), client, sequence);
          const bool lost = random() % 50 == 0;
          if (!lost) recorder.add(Kind::recv_message, at + 1us + some(40'000), client, sequence);
        }
      }
    }
  }
  recorder.finish();
  REQUIRE(orchestrator::write_statistics(*run, "node-ws", temp / "out"));
  REQUIRE(orchestrator::write_events(*run, "node-ws", temp / "out"));

  const std::string latencies = content(temp / "out/node-ws/message_latencies.csv");
  const auto rows = std::count(latencies.begin(), latencies.end(), '\n') - 1;
  CHECK(rows > 19'000);
  CHECK(rows < 20'000);
  const std::string command = "/usr/bin/python3 " WSBENCH_TEST_TOOLS "/pair_events.py " +
                              (temp / "out/node-ws").string() + " >" + (temp / "said").string() + " 2>&1";
  const int status = std::system(command.c_str());
  INFO(content(temp / "said"));
  CHECK(status == 0);
}
