#include "orchestrator/exports/hdr_log.hpp"

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "rpc/base64.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using namespace std::chrono_literals;
using exports::HdrHistogram;
using exports::HdrLog;

namespace {

constexpr event::Time kBegin{1'700'000'000s + 123'456'789ns};
constexpr const char* kJar = "/usr/share/java/hdrhistogram.jar";

class StringSink final : public exports::Sink {
 public:
  exports::Result<void> write(std::string_view bytes) override {
    text += bytes;
    return {};
  }
  exports::Result<void> finish() override { return {}; }

  std::string text;
};

/// Takes big-endian integers and LEB128 numbers off a string.
class Bytes {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}
  bool ended() const { return at_ == bytes_.size(); }
  std::string rest() const { return bytes_.substr(at_); }
  std::uint64_t number(int size) {
    std::uint64_t value = 0;
    while (size-- > 0) value = value << 8U | byte();
    return value;
  }
  std::int64_t zigzag() {
    std::uint64_t value = 0;
    for (unsigned i = 0;; ++i) {
      const std::uint64_t next = byte();
      value |= (i == 8 ? next : next & 0x7FU) << (7 * i);
      if (i == 8 || next < 0x80) break;
    }
    return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
  }

 private:
  unsigned char byte() { return static_cast<unsigned char>(bytes_.at(at_++)); }
  std::string bytes_;
  std::size_t at_ = 0;
};

/// The counts of an encoded histogram by their index, read by the grammar and not by our own code.
std::map<std::size_t, std::uint64_t> counts_of(const std::string& encoded) {
  Bytes compressed(rpc::decode_base64(encoded).value());
  REQUIRE(compressed.number(4) == 0x1c849314);
  const auto bytes = compressed.number(4);
  REQUIRE(bytes == compressed.rest().size());
  std::string plain(1U << 20U, '\0');
  uLongf size = plain.size();
  const std::string packed = compressed.rest();
  REQUIRE(::uncompress(reinterpret_cast<Bytef*>(plain.data()), &size,
                       reinterpret_cast<const Bytef*>(packed.data()), packed.size()) == Z_OK);
  Bytes histogram(plain.substr(0, size));
  REQUIRE(histogram.number(4) == 0x1c849313);
  REQUIRE(histogram.number(4) == size - 40);
  REQUIRE(histogram.number(4) == 0);
  REQUIRE(histogram.number(4) == 3);
  REQUIRE(histogram.number(8) == 1);
  REQUIRE(histogram.number(8) == (1ULL << 43U) - 1);
  REQUIRE(histogram.number(8) == 0x3FF0'0000'0000'0000);
  std::map<std::size_t, std::uint64_t> counts;
  for (std::size_t index = 0; !histogram.ended();) {
    const std::int64_t count = histogram.zigzag();
    if (count < 0)
      index += static_cast<std::size_t>(-count);
    else
      counts[index++] = static_cast<std::uint64_t>(count);
  }
  return counts;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  ::pclose(pipe);
  return text;
}

}  // namespace

TEST_CASE("counts stand where HdrHistogram has them") {
  HdrHistogram histogram;
  using Counts = std::map<std::size_t, std::uint64_t>;
  CHECK(counts_of(histogram.encoded()).empty());
  histogram.record(-5ns);
  histogram.record(0ns);
  histogram.record(1ns);
  histogram.record(2047ns);
  histogram.record(2048ns);
  histogram.record(2049ns);
  histogram.record(2050ns);
  CHECK(counts_of(histogram.encoded()) == Counts{{0, 2}, {1, 1}, {2047, 1}, {2048, 2}, {2049, 1}});
  CHECK(histogram.max() == 2050ns);
  histogram.clear();
  histogram.record(1000h);
  // The highest trackable value is the last of all 2,048 + 32 * 1,024 counts.
  CHECK(counts_of(histogram.encoded()) == Counts{{34'815, 1}});
}

TEST_CASE("large counts take as many bytes as they need") {
  HdrHistogram histogram;
  for (int i = 0; i < 70'000; ++i) histogram.record(7ns);
  CHECK(counts_of(histogram.encoded()) == std::map<std::size_t, std::uint64_t>{{7, 70'000}});
}

TEST_CASE("a log has a line for each second that saw a value") {
  StringSink sink;
  exports::TextWriter writer(sink);
  HdrLog log("message_latencies of bun", writer);
  log.record(kBegin, 2ms);
  log.record(kBegin + 999ms, 3ms);
  log.record(kBegin + 1s, 500us);
  log.record(kBegin + 7s, 1us);
  log.finish();
  REQUIRE(writer.finish());
  const auto lines = lines_of(sink.text);
  REQUIRE(lines.size() == 8);
  CHECK(lines[1] == "#[Histogram log format version 1.3]");
  CHECK(lines[2] == "#[BaseTime: 1700000000.123 (seconds since epoch)]");
  CHECK(lines[3] == "#[StartTime: 1700000000.123 (seconds since epoch), 2023-11-14T22:13:20Z]");
  CHECK(lines[5].rfind("0.000,1.000,3.000,HISTFA", 0) == 0);
  CHECK(lines[6].rfind("1.000,1.000,0.500,HISTFA", 0) == 0);
  CHECK(lines[7].rfind("7.000,1.000,0.001,HISTFA", 0) == 0);
  std::uint64_t sum = 0;
  for (const auto& [index, count] : counts_of(lines[5].substr(lines[5].rfind(',') + 1))) sum += count;
  CHECK(sum == 2);
}

TEST_CASE("a log without values is a log") {
  StringSink sink;
  exports::TextWriter writer(sink);
  HdrLog log("handshake_times of bun", writer);
  log.finish();
  REQUIRE(writer.finish());
  CHECK(lines_of(sink.text).size() == 5);
}

TEST_CASE("HdrHistogram's own log processor reads the log, and finds what was recorded") {
  if (!std::ifstream(kJar) || output_of("command -v java").empty()) {
    WARN("skipped: libhdrhistogram-java or a Java runtime is not installed");
    return;
  }
  const store::TempDirectory temp;
  StringSink sink;
  exports::TextWriter writer(sink);
  HdrLog log("message_latencies of bun", writer);
  std::mt19937_64 random(3);
  std::lognormal_distribution<double> latency(12, 1.5);
  double sum = 0;
  std::int64_t longest = 0;
  constexpr int kValues = 50'000;
  for (int i = 0; i < kValues; ++i) {
    const auto nanoseconds = static_cast<std::int64_t>(latency(random));
    log.record(kBegin + i * 100us, event::Duration(nanoseconds));
    sum += static_cast<double>(nanoseconds);
    longest = std::max(longest, nanoseconds);
  }
  log.finish();
  REQUIRE(writer.finish());
  { std::ofstream(temp / "x.hlog") << sink.text; }
  const std::string said =
      output_of(std::string("java -Xmx256m -cp ") + kJar + " org.HdrHistogram.HistogramLogProcessor -i " +
                (temp / "x.hlog").string() + " -outputValueUnitRatio 1 2>&1");
  INFO(said);
  CHECK(said.find("#[StartTime: 1700000000.123 (seconds since epoch)") != std::string::npos);
  const auto figure = [&](const std::string& name) {
    const auto at = said.rfind(name);
    REQUIRE(at != std::string::npos);
    return std::stod(said.substr(said.find('=', at) + 1));
  };
  CHECK(figure("Total count") == kValues);
  CHECK(figure("#[Mean") == Approx(sum / kValues).epsilon(0.001));
  CHECK(figure("#[Max") == Approx(static_cast<double>(longest)).epsilon(0.001));
}
