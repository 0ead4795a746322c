#include "orchestrator/exports/sink.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <catch2/catch.hpp>

#include "orchestrator/exports/text_writer.hpp"
#include "orchestrator/exports/zstd_sink.hpp"
#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using exports::Error;

namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A sink to a device that is always full. Every test's is the same device, and so is its lock: waits for it.
std::unique_ptr<exports::Sink> make_full_sink(const std::filesystem::path& path) {
  std::filesystem::create_symlink("/dev/full", path.string() + ".partial");
  for (int attempt = 0; attempt < 1000; ++attempt) {
    if (auto sink = exports::make_file_sink(path)) return std::move(*sink);
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  throw std::runtime_error("/dev/full stays locked");
}

}  // namespace

TEST_CASE("a file holds what was written, across many buffers") {
  const store::TempDirectory temp;
  std::string expected;
  const auto sink = *exports::make_file_sink(temp / "x.csv");
  exports::TextWriter writer(*sink);
  const std::string long_text(300'000, 'x');
  for (int i = 0; i < 100'000; ++i) {
    writer.commit(exports::put_number(writer.reserve(exports::kLongestNumber), i * -7919));
    writer.text(",word\n");
    expected += std::to_string(i * -7919) + ",word\n";
    if (i % 30'000 == 0) {
      writer.text(long_text);
      expected += long_text;
    }
  }
  REQUIRE(writer.finish());
  REQUIRE(sink->finish());
  CHECK((content(temp / "x.csv") == expected));
}

TEST_CASE("timestamps are written as numbers are, whatever second they fall into") {
  exports::TimestampText text;
  std::array<char, 64> buffer{};
  for (const std::int64_t microseconds :
       {std::int64_t{1'700'000'000'000'000}, std::int64_t{1'700'000'000'999'999},
        std::int64_t{1'700'000'001'000'001}, std::int64_t{1'700'000'000'020'300}, std::int64_t{0},
        std::int64_t{-1}, std::int64_t{999'999}, std::int64_t{1'000'000}, std::int64_t{12'345'678},
        std::int64_t{9'223'372'036'854'775}})
    CHECK(std::string(buffer.data(), text.put(buffer.data(), microseconds)) == std::to_string(microseconds));
}

TEST_CASE("a file has its name only when it is whole") {
  const store::TempDirectory temp;
  { std::ofstream(temp / "x.csv") << "old"; }
  {
    const auto sink = *exports::make_file_sink(temp / "x.csv");
    REQUIRE(sink->write("new"));
    CHECK(content(temp / "x.csv") == "old");
    CHECK(std::filesystem::exists(temp / "x.csv.partial"));
  }
  CHECK(content(temp / "x.csv") == "old");
  CHECK_FALSE(std::filesystem::exists(temp / "x.csv.partial"));

  const auto sink = *exports::make_file_sink(temp / "x.csv");
  REQUIRE(sink->write("new"));
  REQUIRE(sink->finish());
  CHECK(content(temp / "x.csv") == "new");
  CHECK_FALSE(std::filesystem::exists(temp / "x.csv.partial"));
}

TEST_CASE("two exports of one file do not mix: the second is told, and touches nothing") {
  const store::TempDirectory temp;
  { std::ofstream(temp / "x.csv.partial") << "the rest of an export that was killed"; }
  {
    const auto first = *exports::make_file_sink(temp / "x.csv");
    REQUIRE(first->write("first"));
    const auto second = exports::make_file_sink(temp / "x.csv");
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == Error::Kind::write);
    CHECK(second.error().message ==
          (temp / "x.csv.partial").string() + " is being written by another export");
    REQUIRE(first->finish());
    CHECK(content(temp / "x.csv") == "first");
    // Its descriptor is closed by now, though the sink lives.
    const auto third = *exports::make_file_sink(temp / "x.csv");
    REQUIRE(third->write("3"));
    REQUIRE(third->finish());
  }
  CHECK(content(temp / "x.csv") == "3");
}

TEST_CASE("a directory that is not there is told with its path") {
  const store::TempDirectory temp;
  const auto sink = exports::make_file_sink(temp / "no" / "x.csv");
  REQUIRE_FALSE(sink);
  CHECK(sink.error().kind == Error::Kind::write);
  CHECK(sink.error().message ==
        (temp / "no/x.csv.partial").string() + " cannot be created: No such file or directory");
}

TEST_CASE("a full disk is told once, and nothing is left of the file") {
  const store::TempDirectory temp;
  {
    const auto sink = make_full_sink(temp / "x.csv");
    exports::TextWriter writer(*sink);
    CHECK_FALSE(writer.failed());
    writer.text(std::string(1'000'000, 'x'));
    CHECK(writer.failed());
    const auto finished = writer.finish();
    REQUIRE_FALSE(finished);
    CHECK(finished.error().kind == Error::Kind::write);
    CHECK(finished.error().message ==
          (temp / "x.csv").string() + " cannot be written: No space left on device");
  }
  CHECK(std::filesystem::is_empty(temp.path()));
}

TEST_CASE("a full disk is told through the compressor as well") {
  const store::TempDirectory temp;
  const auto sink = exports::make_zstd_sink(make_full_sink(temp / "x.zst"));
  const auto wrote = sink->write("some bytes that libzstd keeps until the end");
  const auto finished = wrote ? sink->finish() : wrote;
  REQUIRE_FALSE(finished);
  CHECK(finished.error().message ==
        (temp / "x.zst").string() + " cannot be written: No space left on device");
}

TEST_CASE("a pipe that nobody reads any more is an error of its own kind") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  const auto sink = exports::make_stream_sink(ends[1], "the pipe");
  CHECK(sink->write("x"));
  ::close(ends[0]);
  const auto written = sink->write("y");
  ::close(ends[1]);
  ::signal(SIGPIPE, before);
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == Error::Kind::reader_gone);
}
