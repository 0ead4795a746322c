#include "orchestrator/output_file.hpp"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include "tests/store/temp_directory.hpp"

using namespace wsbench;
using orchestrator::OutputFile;

namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("a file holds what was written, across many buffers") {
  const store::TempDirectory temp;
  std::string expected;
  auto file = OutputFile::create(temp / "x.csv");
  REQUIRE(file);
  const std::string long_text(300'000, 'x');
  for (int i = 0; i < 100'000; ++i) {
    file->number(i * -7919);
    file->character(',');
    file->text("word\n");
    expected += std::to_string(i * -7919) + ",word\n";
    if (i % 30'000 == 0) {
      file->text(long_text);
      expected += long_text;
    }
  }
  file->number(std::numeric_limits<std::uint64_t>::max());
  file->number(std::numeric_limits<std::int64_t>::min());
  expected += "18446744073709551615-9223372036854775808";
  REQUIRE(file->finish());
  CHECK((content(temp / "x.csv") == expected));
}

TEST_CASE("a file has its name only when it is whole") {
  const store::TempDirectory temp;
  { std::ofstream(temp / "x.csv") << "old"; }
  {
    auto file = OutputFile::create(temp / "x.csv");
    REQUIRE(file);
    file->text("new");
    CHECK(content(temp / "x.csv") == "old");
    CHECK(std::filesystem::exists(temp / "x.csv.partial"));
  }
  CHECK(content(temp / "x.csv") == "old");
  CHECK_FALSE(std::filesystem::exists(temp / "x.csv.partial"));

  auto file = OutputFile::create(temp / "x.csv");
  REQUIRE(file);
  file->text("new");
  REQUIRE(file->finish());
  CHECK(content(temp / "x.csv") == "new");
  CHECK_FALSE(std::filesystem::exists(temp / "x.csv.partial"));
}

TEST_CASE("a directory that is not there is told with its path") {
  const store::TempDirectory temp;
  const auto file = OutputFile::create(temp / "no" / "x.csv");
  REQUIRE_FALSE(file);
  CHECK(file.error().kind == store::Error::Kind::io);
  CHECK(file.error().message ==
        (temp / "no/x.csv.partial").string() + " cannot be made: No such file or directory");
}

TEST_CASE("a full disk is told, and nothing is left of the file") {
  const store::TempDirectory temp;
  // A file of that name, the partial one, stands on a device that is always full.
  std::filesystem::create_symlink("/dev/full", temp / "x.csv.partial");
  auto file = OutputFile::create(temp / "x.csv");
  REQUIRE(file);
  CHECK_FALSE(file->failed());
  file->text(std::string(1'000'000, 'x'));
  CHECK(file->failed());
  const auto finished = file->finish();
  REQUIRE_FALSE(finished);
  CHECK(finished.error().message ==
        (temp / "x.csv").string() + " cannot be written: No space left on device");
  CHECK_FALSE(std::filesystem::exists(temp / "x.csv"));
}
