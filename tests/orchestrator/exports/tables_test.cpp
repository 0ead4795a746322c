#include "orchestrator/exports/tables.hpp"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "orchestrator/exports/zstd_sink.hpp"
#include "tests/orchestrator/exports/recorder.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using namespace std::chrono_literals;
using event::Kind;
using event::Phase;
using event::Reason;
using exports::Format;
using exports::Table;
using test::Recorder;

namespace {

std::string unpacked(const std::string& packed) {
  std::string plain(1U << 20U, ' ');
  const std::size_t size = ZSTD_decompress(plain.data(), plain.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) != 0) throw std::runtime_error(ZSTD_getErrorName(size));
  plain.resize(size);
  return plain;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Everything of one contestant as a load records it, into a new run.
template <typename Record>
std::unique_ptr<store::Run> recorded(const std::filesystem::path& directory, std::string_view contestant,
                                     Record&& record) {
  auto run = *store::Run::create(directory);
  const auto writer = *store::Writer::start(*run, contestant);
  record(*writer);
  if (!writer->finish()) throw std::runtime_error("the run could not be written");
  return run;
}

/// The four tables into a directory, or those that the format can hold.
void write_all(const store::Run& run, std::string_view contestant, const std::filesystem::path& directory,
               const Format& format = {}) {
  std::filesystem::create_directories(directory);
  for (const Table table : {Table::counts, Table::handshake_times, Table::message_latencies, Table::events}) {
    if (!exports::has_format(table, format.kind)) continue;
    auto sink = *exports::make_file_sink(directory / fmt::format("{}.{}", name(table), name(format)));
    if (format.zstd) sink = exports::make_zstd_sink(std::move(sink));
    const auto written = exports::write_table({run, contestant}, table, format.kind, *sink,
                                              [](const store::Reading&) { return true; });
    REQUIRE(written);
    REQUIRE(sink->finish());
  }
}

/// Two clients of which one is refused, a warm-up message, two measured ones of which one is lost, a sample.
void record_small_round(event::Sink& sink) {
  Recorder recorder(sink);
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
  recorder.flush();
}

}  // namespace

TEST_CASE("the four tables of a contestant tell its events, in microseconds") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run", "go,gorilla", record_small_round);
  const std::filesystem::path out = temp / "out";
  write_all(*run, "go,gorilla", out);
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

TEST_CASE("JSON lines hold the same, without what is empty") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run", "go\"gorilla", record_small_round);
  write_all(*run, "go\"gorilla", temp / "out", {Format::Kind::json_lines});
  CHECK(content(temp / "out/counts.jsonl") ==
        R"({"type":"go\"gorilla","clients":3,"handshakes":1,"connection_timeouts":1,"messages_sent":2,)"
        R"("messages_recv":1,"crashes":1})"
        "\n");
  CHECK(content(temp / "out/message_latencies.jsonl") ==
        R"({"type":"go\"gorilla","timestamp":1700000000003999,"elapsed":2001})"
        "\n");
  const std::string events = content(temp / "out/events.jsonl");
  CHECK(std::count(events.begin(), events.end(), '\n') == 13);
  for (const char* row :
       {R"({"timestamp":1700000000000001,"type":"ws_init","client_id":0,"phase":"ramp","round":0})",
        R"({"timestamp":1700000000000005,"type":"EXIT","client_id":1,"event_key":"refused","event_data":0,)"
        R"("phase":"ramp","round":0})",
        R"({"timestamp":1700000000004000,"type":"send_message","client_id":0,"event_key":1,)"
        R"("event_data":1700000000003999,"phase":"measuring","round":0})",
        R"({"timestamp":1700000000006000,"type":"recv_message","client_id":0,"event_key":1,"phase":"drain",)"
        R"("round":0})",
        R"({"timestamp":1700000000004001,"type":"server","event_key":"rss_bytes","event_data":123456789,)"
        R"("phase":"measuring","round":0})"})
    CHECK(events.find(row + std::string("\n")) != std::string::npos);
}

TEST_CASE("what a server did wrong, and what a load could not do, has rows of its own") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run", "go", [](event::Sink& sink) {
    Recorder recorder(sink);
    recorder.phase(Phase::measuring);
    recorder.add(Kind::phase_began, 1us, event::kNobody);
    recorder.add(Kind::recv_message, 2us, 5, 7, event::kReordered);
    recorder.add(Kind::duplicate_echo, 3us, 5, 8);
    recorder.add(Kind::altered_echo, 4us, 5, 9);
    recorder.add(Kind::foreign_message, 5us, 5);
    recorder.phase(Phase::closing);
    recorder.add(Kind::not_sent, 6us, 5, 0, event::Unsent{event::NotSent::send_queue_full, 3000}.packed());
    recorder.flush();
  });
  write_all(*run, "go", temp / "out");
  CHECK(content(temp / "out/events.csv") ==
        "timestamp,type,client_id,event_key,event_data,phase,round\n"
        "1700000000000001,phase_began,,,,measuring,0\n"
        "1700000000000002,recv_message,5,7,reordered,measuring,0\n"
        "1700000000000003,duplicate_echo,5,8,,measuring,0\n"
        "1700000000000004,altered_echo,5,9,,measuring,0\n"
        "1700000000000005,foreign_message,5,,,measuring,0\n"
        "1700000000000006,not_sent,5,send_queue_full,3000,closing,0\n");
  write_all(*run, "go", temp / "out", {Format::Kind::json_lines});
  CHECK(
      content(temp / "out/events.jsonl") ==
      R"({"timestamp":1700000000000001,"type":"phase_began","phase":"measuring","round":0})"
      "\n"
      R"({"timestamp":1700000000000002,"type":"recv_message","client_id":5,"event_key":7,)"
      R"("event_data":"reordered","phase":"measuring","round":0})"
      "\n"
      R"({"timestamp":1700000000000003,"type":"duplicate_echo","client_id":5,"event_key":8,)"
      R"("phase":"measuring","round":0})"
      "\n"
      R"({"timestamp":1700000000000004,"type":"altered_echo","client_id":5,"event_key":9,)"
      R"("phase":"measuring","round":0})"
      "\n"
      R"({"timestamp":1700000000000005,"type":"foreign_message","client_id":5,"phase":"measuring","round":0})"
      "\n"
      R"({"timestamp":1700000000000006,"type":"not_sent","client_id":5,"event_key":"send_queue_full",)"
      R"("event_data":3000,"phase":"closing","round":0})"
      "\n");
}

TEST_CASE("what the load generator samples of itself has rows of its own") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run", "go", [](event::Sink& sink) {
    Recorder recorder(sink);
    recorder.phase(Phase::measuring);
    const event::ReadLag lag{84321ns, 1234ns};
    recorder.add(Kind::read_lag, 1us, 5, lag.sequence(), lag.value());
    const auto metric = [](event::Metric which) { return static_cast<std::uint32_t>(which); };
    recorder.add(Kind::instrument, 2us, 3, metric(event::Metric::run_queue_wait_nanoseconds), 1700);
    recorder.add(Kind::instrument, 3us, event::kNobody, metric(event::Metric::machine_steal_nanoseconds),
                 20000000);
    recorder.flush();
  });
  write_all(*run, "go", temp / "out");
  CHECK(content(temp / "out/events.csv") ==
        "timestamp,type,client_id,event_key,event_data,phase,round\n"
        "1700000000000001,read_lag,5,1234,84321,measuring,0\n"
        "1700000000000002,instrument,3,run_queue_wait_nanoseconds,1700,measuring,0\n"
        "1700000000000003,instrument,,machine_steal_nanoseconds,20000000,measuring,0\n");
  write_all(*run, "go", temp / "out", {Format::Kind::json_lines});
  CHECK(
      content(temp / "out/events.jsonl") ==
      R"({"timestamp":1700000000000001,"type":"read_lag","client_id":5,"event_key":1234,"event_data":84321,)"
      R"("phase":"measuring","round":0})"
      "\n"
      R"({"timestamp":1700000000000002,"type":"instrument","client_id":3,"event_key":"run_queue_wait_nanoseconds",)"
      R"("event_data":1700,"phase":"measuring","round":0})"
      "\n"
      R"({"timestamp":1700000000000003,"type":"instrument","event_key":"machine_steal_nanoseconds",)"
      R"("event_data":20000000,"phase":"measuring","round":0})"
      "\n");
}

TEST_CASE("an unknown contestant is told") {
  const store::TempDirectory temp;
  const auto run = *store::Run::create(temp / "run");
  const auto sink = *exports::make_file_sink(temp / "events.csv");
  const auto written = exports::write_table({*run, "nobody"}, Table::events, Format::Kind::csv, *sink,
                                            [](const store::Reading&) { return true; });
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == exports::Error::Kind::read);
  CHECK(written.error().message.find("nobody") != std::string::npos);
}

TEST_CASE("a table that is stopped is told so, and leaves no file") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run", "bun", record_small_round);
  for (const Table table : {Table::counts, Table::message_latencies, Table::events}) {
    const auto sink = *exports::make_file_sink(temp / "table.csv");
    const auto written = exports::write_table({*run, "bun"}, table, Format::Kind::csv, *sink,
                                              [](const store::Reading&) { return false; });
    REQUIRE_FALSE(written);
    CHECK(written.error().kind == exports::Error::Kind::interrupted);
  }
  CHECK_FALSE(std::filesystem::exists(temp / "table.csv"));
  CHECK_FALSE(std::filesystem::exists(temp / "table.csv.partial"));
}

TEST_CASE("a contestant without events has tables without rows") {
  const store::TempDirectory temp;
  const auto run = *store::Run::create(temp / "run");
  REQUIRE(run->add_contestant("idle"));
  write_all(*run, "idle", temp / "out");
  for (const char* table : {"counts.csv", "handshake_times.csv", "message_latencies.csv", "events.csv"}) {
    const std::string text = content(temp / "out" / table);
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  }
}

TEST_CASE("what is compressed is the very table") {
  const store::TempDirectory temp;
  const auto run = recorded(temp / "run", "bun", record_small_round);
  write_all(*run, "bun", temp / "plain");
  write_all(*run, "bun", temp / "packed", {Format::Kind::csv, true});
  for (const char* table : {"counts.csv", "handshake_times.csv", "message_latencies.csv", "events.csv"})
    CHECK(unpacked(content(temp / "packed" / (table + std::string(".zst")))) ==
          content(temp / "plain" / table));
}

TEST_CASE("formats are told by the end of a name") {
  using exports::parse_format;
  CHECK(parse_format("csv") == Format{Format::Kind::csv, false});
  CHECK(parse_format("a.b.jsonl.zst") == Format{Format::Kind::json_lines, true});
  CHECK(parse_format("x.hlog") == Format{Format::Kind::hdr_log, false});
  for (const char* other : {"", "zst", ".zst", "events", "events.txt", "csv.gz"})
    CHECK_FALSE(parse_format(other));
  CHECK(name(Format{Format::Kind::hdr_log, true}) == "hlog.zst");
}

TEST_CASE("events.csv pairs to the very numbers of the other tables, over rounds and many blocks") {
  const store::TempDirectory temp;
  std::mt19937_64 random(1);
  const auto some = [&](std::uint64_t below) {
    return event::Duration(static_cast<std::int64_t>(random() % below));
  };
  constexpr std::uint32_t kClients = 50;
  const auto record = [&](event::Sink& sink) {
    // Two shards, each with the clients of its own.
    std::array<Recorder, 2> recorders{Recorder(sink, 0), Recorder(sink, 1)};
    for (std::uint16_t round = 0; round < 2; ++round) {
      const event::Duration begin = round * 100s;
      for (auto& recorder : recorders) {
        recorder.round(round);
        recorder.phase(Phase::ramp);
      }
      for (std::uint32_t client = 0; client < kClients; ++client) {
        const event::Duration at = begin + client * 1ms + some(1000);
        Recorder& recorder = recorders[client % 2];
        recorder.add(Kind::ws_init, at, client);
        recorder.add(Kind::ws_onopen, at + 1us + some(900'000), client);
      }
      std::uint32_t sequence = 0;
      for (const Phase phase : {Phase::warm_up, Phase::measuring}) {
        for (auto& recorder : recorders) recorder.phase(phase);
        for (int beat = 0; beat < 200; ++beat, ++sequence) {
          for (std::uint32_t client = 0; client < kClients; ++client) {
            const event::Duration at = begin + 1s + sequence * 10ms + client * 100us + some(50'000);
            Recorder& recorder = recorders[client % 2];
            recorder.send(at, some(250'000), client, sequence);
            const bool lost = random() % 50 == 0;
            if (!lost) recorder.add(Kind::recv_message, at + 1us + some(40'000), client, sequence);
          }
        }
      }
    }
    for (auto& recorder : recorders) recorder.flush();
  };
  const auto run = recorded(temp / "run", "node-ws", record);
  write_all(*run, "node-ws", temp / "out");

  const std::string latencies = content(temp / "out/message_latencies.csv");
  const auto rows = std::count(latencies.begin(), latencies.end(), '\n') - 1;
  CHECK(rows > 19'000);
  CHECK(rows < 20'000);
  const std::string command = "/usr/bin/python3 " WSBENCH_TEST_TOOLS "/pair_events.py " +
                              (temp / "out").string() + " >" + (temp / "said").string() + " 2>&1";
  const int status = std::system(command.c_str());
  INFO(content(temp / "said"));
  CHECK(status == 0);
}

TEST_CASE("rows are in the order of time over all shards: events as such, pairs as they were completed") {
  const store::TempDirectory temp;
  std::mt19937_64 random(7);
  const auto run = recorded(temp / "run", "perl-ev", [&](event::Sink& sink) {
    std::vector<Recorder> recorders;
    for (std::uint16_t shard = 0; shard < 5; ++shard) recorders.emplace_back(sink, shard, 50 + 20U * shard);
    for (const Phase phase : {Phase::warm_up, Phase::measuring, Phase::drain}) {
      for (std::uint32_t shard = 0; shard < recorders.size(); ++shard) {
        // Shards enter a phase apart from each other by more than a block takes.
        event::Duration at = static_cast<int>(phase) * 1s + shard * 40ms;
        recorders[shard].phase(phase);
        for (std::uint32_t i = 0; i < 1000; ++i) {
          at += event::Duration(static_cast<std::int64_t>(random() % 1'000'000));
          const std::uint32_t sequence = static_cast<std::uint32_t>(phase) * 1000 + i;
          recorders[shard].send(at, 5us, shard, sequence);
          recorders[shard].add(Kind::recv_message, at + 400us, shard, sequence);
        }
      }
    }
    for (auto& recorder : recorders) recorder.flush();
  });
  write_all(*run, "perl-ev", temp / "out");
  std::ifstream events(temp / "out/events.csv"), latencies(temp / "out/message_latencies.csv");
  std::string row;
  std::getline(events, row);
  std::size_t rows = 0;
  bool ordered = true;
  for (std::int64_t last = 0, time = 0; std::getline(events, row); last = time, ++rows) {
    time = std::stoll(row);
    ordered = ordered && last <= time;
  }
  CHECK(rows == 5 * 3 * 2000);
  CHECK(ordered);
  std::getline(latencies, row);
  rows = 0;
  for (std::int64_t last = 0, completed = 0; std::getline(latencies, row); last = completed, ++rows) {
    const auto comma = row.find(','), second = row.rfind(',');
    completed = std::stoll(row.substr(comma + 1)) + std::stoll(row.substr(second + 1));
    ordered = ordered && last <= completed;
  }
  CHECK(rows == 5 * 1000);
  CHECK(ordered);
}
